import { type ConfigLayer, type LoadedConfig, watchConfig } from "../config/index.ts";
import type { LibraryCalls, LibraryOptions } from "../library/index.ts";
import type { Pools } from "./pools.ts";
import { reachOf } from "./reach.ts";
import { DEFAULT_POOL, type PoolRequest } from "./settings.ts";

/** The options of libraries by their names. */
export type Libraries = Readonly<Record<string, LibraryOptions>>;

/** What libraries add to pools and calls; nothing of it is loaded where none is configured. */
export interface LibraryParts {
  /** The pools, with what their workers do for libraries. */
  readonly requests: readonly PoolRequest[];
  /** Makes what stands in front of the pools; absent without libraries. */
  readonly front: ((pools: Pools) => LibraryCalls) | undefined;
  /** Names the hook that kept workers from starting, where it was one. */
  readonly startFailure: (error: unknown) => unknown;
}

export async function libraryParts(
  requests: readonly PoolRequest[],
  { libraries = {} }: Pick<ConfigLayer, "libraries">,
): Promise<LibraryParts> {
  if (Object.keys(libraries).length === 0) {
    return { requests, front: undefined, startFailure: (error) => error };
  }
  const { LibraryCalls, registration, startFailure, typedValues, workerChores } =
    await import("../library/index.ts");
  const typed = typedValues(libraries);
  const registered = registration(libraries);
  return {
    requests: requests.map((request) => {
      const own = Object.entries(libraries).filter(
        ([, { pool = DEFAULT_POOL }]) => pool === request.name,
      );
      const chores = workerChores(Object.fromEntries(own));
      const begin = [...(registered === undefined ? [] : [registered]), ...(chores?.begin ?? [])];
      return { ...request, typed, chores: { ...chores, begin } };
    }),
    front: (pools) =>
      new LibraryCalls({
        libraries,
        target: pools,
        reachOf,
        renew: (pool, pid) => pools.pool(pool).renew(pid),
      }),
    startFailure,
  };
}

/** Knows no library, and says so. */
export async function noLibraries(pools: Pools): Promise<LibraryCalls> {
  const { LibraryCalls } = await import("../library/index.ts");
  return new LibraryCalls({ libraries: {}, target: pools, reachOf, renew: () => undefined });
}

/**
 * Follows the configuration file, and hands on what it says of libraries.
 *
 * @throws {TypeError} where there is no file
 */
export async function follow(
  config: LoadedConfig | undefined,
  pools: readonly string[],
  onChange: (libraries: Libraries) => void,
): Promise<AsyncDisposable> {
  if (config?.file === undefined) {
    throw new TypeError("Cannot open Python: watch needs a configuration file, and there is none");
  }
  const { file } = config;
  return watchConfig({
    config: file,
    pools,
    onChange: ({ after }) => onChange(after.libraries ?? {}),
  });
}
