import { isAmphisError } from "@amphis/protocol";

import { compareModels, type SurfaceComparison } from "../compare/index.ts";
import { discover, type DiscoverOptions, type DiscoveryProgress } from "../discovery/index.ts";
import {
  type EnvironmentProgress,
  type EnvironmentRequest,
  type EnvironmentUpdate,
  normalizeName,
  updateEnvironment,
  type UpdateEnvironmentOptions,
} from "../environment/index.ts";
import { concernedBy } from "./concerned-by.ts";

/** A library that a project uses. */
export interface LibraryInUse {
  /** As the project calls it. */
  readonly name: string;
  /** Name on the package index. */
  readonly package: string;
  /** Module that is imported. */
  readonly module: string;
  /** Members that the project names, by dotted name within the module; `*` stands for anything. @default [] */
  readonly members?: readonly string[] | undefined;
}

/** What is done, first to the environment, then to each library. */
export type UpdateProgress = EnvironmentProgress | DiscoveryProgress;

/** How libraries are updated, and their surfaces compared. */
export interface UpdateLibrariesOptions extends Omit<UpdateEnvironmentOptions, "onProgress"> {
  readonly onProgress?: ((progress: UpdateProgress) => void) | undefined;
  /** How libraries are described. @default as `discover` does */
  readonly discovery?: Pick<DiscoverOptions, "cacheFolder" | "timeoutMs" | "importTimeoutMs">;
}

/** What became of one library that has another version now. */
export interface LibraryUpdate {
  /** As the project calls it. */
  readonly name: string;
  /** None where its surfaces could not be compared. */
  readonly comparison: SurfaceComparison | undefined;
  /** Why they could not. */
  readonly failure: string | undefined;
  /** Members that the project names, and that a breaking change is about. */
  readonly affected: readonly string[];
}

/** What an update did to the environment, and what that does to programs. */
export interface LibrariesUpdate extends EnvironmentUpdate {
  /** Of the libraries in use, those whose package has another version. */
  readonly libraries: readonly LibraryUpdate[];
}

/**
 * Updates an environment, and tells of each library that has another version what changed in its public surface.
 *
 * A library that cannot be described in one of the two environments costs its own comparison alone.
 *
 * @throws {AmphisError} as `updateEnvironment`
 */
export async function updateLibraries(
  request: EnvironmentRequest,
  inUse: readonly LibraryInUse[],
  { discovery, ...options }: UpdateLibrariesOptions = {},
): Promise<LibrariesUpdate> {
  const update = await updateEnvironment(request, options);
  const changed = new Set(
    update.changes.filter(({ from, to }) => from && to).map(({ name }) => name),
  );
  const libraries: LibraryUpdate[] = [];
  for (const library of inUse) {
    if (!changed.has(normalizeName(library.package))) continue;
    const { signal, env, onProgress } = options;
    libraries.push(await compared(library, update, { ...discovery, signal, env, onProgress }));
  }
  return { ...update, libraries };
}

async function compared(
  library: LibraryInUse,
  { previous, environment }: EnvironmentUpdate,
  options: DiscoverOptions,
): Promise<LibraryUpdate> {
  const { name, module, members = [] } = library;
  if (previous === undefined) {
    const failure = "the environment with the version before is not there any more";
    return { name, comparison: undefined, failure, affected: [] };
  }
  try {
    const [before] = await discover([module], { ...options, python: previous.python });
    const [after] = await discover([module], { ...options, python: environment.python });
    const comparison = compareModels(before, after);
    return { name, comparison, failure: undefined, affected: concernedBy(comparison, members) };
  } catch (error) {
    const isOfLibrary =
      isAmphisError(error, "LIBRARY_NOT_FOUND") || isAmphisError(error, "DISCOVERY_FAILED");
    if (!isOfLibrary) throw error;
    return { name, comparison: undefined, failure: error.message, affected: [] };
  }
}
