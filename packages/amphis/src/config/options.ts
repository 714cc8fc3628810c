import type { LibraryOptions, PolicyOptions, PythonEnvironmentOptions } from "../library/index.ts";
import type { PoolOptions } from "../pool/index.ts";

/** One pool of workers, as `openPython` takes it. */
export interface PoolConfig extends Omit<
  PoolOptions,
  | "python"
  | "name"
  | "preload"
  | "path"
  | "memory"
  | "placement"
  | "chores"
  | "typed"
  | "wrap"
  | "unwrap"
  | "onLog"
  | "clock"
  | "random"
> {
  /**
   * Modules that workers have loaded when they are ready, beside libraries with `preload`; without one of them nothing works:
   * PYTHON_IMPORT_FAILED. Others are loaded when they are first used. @default []
   */
  readonly packages?: readonly string[] | undefined;
  /** Folders of your own modules, in front of Python's module path. @default [] */
  readonly path?: string | readonly string[] | undefined;
  /** Which of `environments` its workers run in. @default "default", where there is one or a library is installed */
  readonly environment?: string | undefined;
}

/** What can be said for every stage of deployment, and for one of them. */
export interface ConfigLayer {
  /**
   * The interpreter: a path, a command, or a version such as `3.12`. @default `AMPHIS_PYTHON`, else that of the environment that is active,
   * else that of a folder `.venv` here, else `python3` or `python` of the path
   */
  readonly python?: string | undefined;
  /** Python's libraries, by the name that `py.import` takes. @default {} */
  readonly libraries?: Readonly<Record<string, LibraryOptions>> | undefined;
  /**
   * Pools of workers by name. What `default` says holds for the others too where they say nothing, but for numbers of workers, profile and
   * devices. @default {}
   */
  readonly pools?: Readonly<Record<string, PoolConfig>> | undefined;
  /** Pythons with packages, by name. @default {} */
  readonly environments?: Readonly<Record<string, PythonEnvironmentOptions>> | undefined;
  /** What Python may do. */
  readonly policies?: PolicyOptions | undefined;
}

/**
 * What a configuration file says.
 *
 * Keys that begin with `$` hold what is different at one stage of deployment, which `AMPHIS_ENV`, else `NODE_ENV`, names:
 * `$production: { pools: { default: { workers: 16 } } }`. Relative paths start at the folder of the file.
 */
export interface AmphisConfig extends ConfigLayer {
  /** For editors: where the schema is. It is not read. @default none */
  readonly $schema?: string | undefined;
  readonly [layer: `$${string}`]: ConfigLayer | string | undefined;
}

/**
 * Gives a configuration as it is, so that editors know what it may hold.
 *
 * ```ts
 * export default defineConfig({ libraries: { numpy: { version: ">=2,<3" } } });
 * ```
 */
export function defineConfig(config: AmphisConfig): AmphisConfig {
  return config;
}

/** Where a configuration comes from. */
export interface ConfigOptions {
  /** A file, or what it would say. False: none. @default the file that is found from `cwd` upward, if there is one */
  readonly config?: string | AmphisConfig | false | undefined;
  /** Where the search starts, and relative paths of variables and code. @default the working folder */
  readonly cwd?: string | undefined;
  /** `AMPHIS_ENV`, `NODE_ENV`, and variables that begin with `AMPHIS__`. @default those of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What wins over everything else. @default nothing */
  readonly code?: AmphisConfig | undefined;
  /** Names of pools that libraries may use beside those of the configuration. @default [] */
  readonly pools?: readonly string[] | undefined;
}
