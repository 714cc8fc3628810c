import { resolve } from "node:path";

import type { ConfiguredEnvironment } from "./configured-environments.ts";
import type { ConfigLayer } from "./options.ts";

/** A library of a project, and where its pool finds it. */
export interface ConfiguredLibrary {
  /** Name under which it is configured. */
  readonly name: string;
  readonly module: string;
  readonly alias: string | undefined;
  /** Its name on the package index, where the configuration says it. */
  readonly package: string | undefined;
  readonly pool: string;
  /** Environment that its pool runs in; absent where that is the Python of the project. */
  readonly environment: string | undefined;
  /** Folders with modules that its pool has in front of Python's own. */
  readonly path: readonly string[];
}

const DEFAULT = "default";

/** See `LoadedConfig.libraries`. */
export function configuredLibraries(
  { libraries = {}, pools = {} }: ConfigLayer,
  environments: readonly ConfiguredEnvironment[],
): readonly ConfiguredLibrary[] {
  return Object.entries(libraries).map(([name, library]) => {
    const { module = name, alias, package: own, pool = DEFAULT } = library;
    const path = pools[pool]?.path ?? pools[DEFAULT]?.path ?? [];
    return {
      name,
      module,
      alias,
      package: own,
      pool,
      environment: environments.find((one) => one.pools.includes(pool))?.name,
      path: (typeof path === "string" ? [path] : path).map((folder) => resolve(folder)),
    };
  });
}
