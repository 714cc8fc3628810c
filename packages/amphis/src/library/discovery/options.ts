/** How libraries are discovered. */
export interface DiscoverOptions {
  /** Path or name of Python. @default the one that `openPython` would find */
  readonly python?: string | undefined;
  /** Where descriptions are kept. @default `amphis/libraries` in the user's folder for caches */
  readonly cacheFolder?: string | undefined;
  /** Further folders in which libraries and stubs are looked for, after those of Python. */
  readonly path?: readonly string[] | undefined;
  /** Where libraries find their files, and Python its environment. @default that of this process */
  readonly cwd?: string | undefined;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Longest that one library may take. @default 300_000 */
  readonly timeoutMs?: number | undefined;
  /** Longest that one module of it may take; it is described by its source then. @default 30_000 */
  readonly importTimeoutMs?: number | undefined;
  /** Told what happens, as it happens. What it throws is thrown by {@link discover}. */
  readonly onProgress?: ((progress: DiscoveryProgress) => void) | undefined;
}

/** What discovery of one library is doing. */
export type DiscoveryProgress =
  | { readonly kind: "cached"; readonly library: string }
  | { readonly kind: "module"; readonly library: string; readonly module: string }
  /** The process ended in a module; another one goes on without it. */
  | {
      readonly kind: "skipped";
      readonly library: string;
      readonly module: string;
      readonly reason: string;
    }
  | { readonly kind: "discovered"; readonly library: string; readonly modules: number };

export interface DiscoverSettings {
  readonly path: readonly string[];
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly importTimeoutMs: number;
  readonly onProgress: (progress: DiscoveryProgress) => void;
}

const LONGEST_TIME = 0x7fff_ffff;

export function resolveDiscoverOptions(options: DiscoverOptions): DiscoverSettings {
  const { timeoutMs = 300_000, importTimeoutMs = 30_000, env = process.env } = options;
  for (const [name, value] of Object.entries({ timeoutMs, importTimeoutMs })) {
    if (!(value > 0 && value <= LONGEST_TIME)) {
      throw new RangeError(
        `Cannot discover libraries: ${name} must be from 1 to ${LONGEST_TIME}, not ${value}`,
      );
    }
  }
  return {
    path: options.path ?? [],
    cwd: options.cwd,
    env,
    signal: options.signal,
    timeoutMs,
    importTimeoutMs,
    onProgress: options.onProgress ?? (() => undefined),
  };
}

const NAME = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u;

/** @throws {TypeError} when a name is none of a module */
export function checkNames(names: readonly string[]): void {
  for (const name of names) {
    if (typeof name !== "string" || name.length > 200 || !NAME.test(name)) {
      throw new TypeError(
        `Cannot discover library ${JSON.stringify(name)}: it must be named as Python imports it, such as "sklearn"`,
      );
    }
  }
}
