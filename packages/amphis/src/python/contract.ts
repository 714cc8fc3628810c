import type { AmphisConfig, LoadedConfig, PoolConfig } from "../config/index.ts";
import type {
  Environment,
  EnvironmentProgress,
  ForgetOptions,
  LibraryFigures,
} from "../library/index.ts";
import type { SharedMemory, SharedMemoryFigures, SharedMemoryOptions } from "../memory/index.ts";
import type { PoolStatus, SessionAffinity } from "../pool/index.ts";
import type { LogEntry } from "../worker/index.ts";
import type { CallOptions, CallSession } from "./call-options.ts";
import type { Keywords } from "./keywords.ts";
import type { PyChain, PyModule, PyObject, PyValue } from "./py-types.ts";

/** Something that Python logged or printed. */
export interface PythonLog extends LogEntry {
  readonly pool: string;
  /** Number of the worker within its pool. */
  readonly worker: number;
}

/** Options of one pool of workers. */
export interface PythonPoolOptions extends Omit<PoolConfig, "environment"> {
  /** Which of the configured environments its workers run in; false: none, but `python` as it is. @default what is configured */
  readonly environment?: string | false | undefined;
}

/** What {@link openPython} takes: options of the pool `default`, and what all pools share. */
export interface PythonOptions extends PythonPoolOptions {
  /**
   * The interpreter: a path, or a command. Configured environments are made of it. @default `AMPHIS_PYTHON`, else that of the environment that is active, else that of a folder
   * `.venv` here or above, else `python3` or `python` of the path
   */
  readonly python?: string | undefined;
  /** More pools by name. Each has the options above where it has none of its own, but for numbers of workers, profile and devices. */
  readonly pools?: Readonly<Record<string, PythonPoolOptions>> | undefined;
  /** Memory that is lent to the workers. False: everything travels as bytes. @default opened where that is possible */
  readonly memory?: SharedMemory | SharedMemoryOptions | false | undefined;
  /**
   * The configuration: its file, or what it would say. False: none, variables that begin with `AMPHIS__` neither. Options beside this one win
   * over it. @default the file that is found from the working folder up to the root of the project, if there is one
   */
  readonly config?: string | AmphisConfig | false | undefined;
  /**
   * Whether calls by name are compared with the signatures of their functions before they are sent: CALL_INVALID for missing, surplus and
   * unknown arguments. For libraries that were described already, as by `npx amphis types`: those of the configuration and `packages`.
   * @default false
   */
  readonly checks?: boolean | undefined;
  /**
   * Follows the configuration file: what libraries say of calls (members, pure functions, turns, batches, `before` and `after`, traces,
   * times) holds for calls that come after a change; what needs a restart is told in a line on standard error. @default false
   */
  readonly watch?: boolean | undefined;
  /** Hears what Python logs and prints. @default writes it to standard error */
  readonly onLog?: ((entry: PythonLog) => void) | undefined;
  /** Hears how configured environments are made. @default a line on standard error, if that is a terminal */
  readonly onProgress?: ((progress: PythonProgress) => void) | undefined;
}

/** What happens while an environment is made. */
export type PythonProgress = EnvironmentProgress & { readonly environment: string };

/** An environment that workers run in. */
export interface PythonEnvironment extends Environment {
  readonly pools: readonly string[];
  /** Libraries that are installed in it, by the names under which they are configured. */
  readonly libraries: readonly string[];
  /** Whether versions were those of the lock, or were chosen and `written` to it just now; `none` where it is taken as it is. */
  readonly lockState: "kept" | "written" | "none";
}

/** Names that code is given. */
export type Names = Readonly<Record<string, unknown>> | PyObject;

/** Calls of Python that block this thread until they are answered. The workers are other processes all the same. */
export interface SyncCalls {
  call<T = PyValue>(name: string, args?: readonly unknown[], options?: CallOptions): T;
  call<T = PyValue>(
    name: string,
    args: readonly unknown[],
    keywords: Keywords,
    options?: CallOptions,
  ): T;
  eval<T = PyValue>(code: string, names?: Names, options?: CallOptions): T;
  /** What a chain comes to. */
  wait<Chain extends PromiseLike<unknown>>(chain: Chain): Awaited<Chain>;
}

/** Ways to call Python, of all workers or those of a session. */
export interface PythonCalls {
  /** The same calls, blocking. */
  readonly sync: SyncCalls;
  /**
   * Calls a function: `py.call("statistics:median", [[1, 2, 9]])`. It starts at once.
   *
   * The name is `module:function`, with dots between attributes; keyword arguments are `kw({...})`, behind the arguments.
   *
   * @throws {AmphisError} what Python raised; QUEUE_FULL, QUEUE_TIMEOUT, CALL_TIMEOUT, CALL_CANCELLED, WORKER_CRASHED and others of the pool
   */
  call<T = PyValue>(name: string, args?: readonly unknown[], options?: CallOptions): Promise<T>;
  call<T = PyValue>(
    name: string,
    args: readonly unknown[],
    keywords: Keywords,
    options?: CallOptions,
  ): Promise<T>;
  /**
   * Calls a function that gives one item after another: a generator, async or not, or anything iterable.
   *
   * Python goes on as items are taken, a few ahead. Leaving the loop closes the generator.
   */
  stream<T = PyValue>(
    name: string,
    args?: readonly unknown[],
    options?: CallOptions,
  ): AsyncIterableIterator<T, void, undefined>;
  stream<T = PyValue>(
    name: string,
    args: readonly unknown[],
    keywords: Keywords,
    options?: CallOptions,
  ): AsyncIterableIterator<T, void, undefined>;
  /**
   * A module, as the beginning of chains: `await py.import("math").sqrt(2)`.
   *
   * It belongs to no worker, awaited or not: each call is made where there is time for it, and one that dies is no matter. What a module
   * remembers, as `random.seed` does, is that of one worker: use a session, or `keep(py.import("random"))`.
   *
   * Names and aliases of libraries in the configuration stand for their modules, before a dot too.
   */
  import<Name extends string>(name: Name): PyModule<Name>;
  /** The value of an expression of Python: `py.eval("a + b", { a: 1, b: 2 })`. */
  eval(code: string, names?: Names): PyChain;
  /** Runs statements. What they define are attributes of the result, which can be given as the names of other code. */
  exec(code: string, names?: Names): PyChain<PyObject>;
  /** Runs a file as the main program. What it defines are attributes of the result. */
  run(file: string, names?: Readonly<Record<string, unknown>>): PyChain<PyObject>;
}

/** What {@link Python.session} takes. */
export interface PythonSessionOptions {
  /** For messages and status; that of one that is open in the pool is refused. @default "session-1" and on */
  readonly name?: string | undefined;
  /** @default "default" */
  readonly pool?: string | undefined;
  /** What it does when its worker is busy: waits, fails with SESSION_BUSY, or goes to another. @default what `sessions` of the pool says, else "queue" */
  readonly affinity?: SessionAffinity | undefined;
  /** It ends when no call was made for so long. @default what `sessions` of the pool says, else Infinity */
  readonly ttlMs?: number | undefined;
  /** It ends when it is so old, whatever is done with it. @default what `sessions` of the pool says, else Infinity */
  readonly maxAgeMs?: number | undefined;
  /** Calls that may be in progress or wait at a time; then SESSION_BUSY. @default what `sessions` of the pool says, else Infinity */
  readonly maxCalls?: number | undefined;
  /** Only on a worker of this device. @default any */
  readonly device?: string | undefined;
  /**
   * Functions, `module:function`, that are called without arguments on its worker when it ends in whatever way but the death of the worker;
   * `close` of Python gives them and the calls in progress its grace period. @default none
   */
  readonly cleanUp?: readonly string[] | undefined;
}

/** Calls that are all made by one worker, which keeps what they leave behind. Live objects of it are released when it ends. */
export interface PythonSession extends PythonCalls, CallSession, AsyncDisposable {
  readonly pool: string;
  /** Number of its worker, from its first call on. */
  readonly worker: number | undefined;
  /**
   * Waits for its calls, cleans up, and lets the worker go.
   *
   * In a callback of its own calls it only begins with that, and resolves at once: they wait for the callback.
   */
  close(): Promise<void>;
}

/** What is known of a session. */
export interface PythonSessionInfo {
  readonly name: string;
  readonly pool: string;
  readonly worker: number | undefined;
  readonly affinity: SessionAffinity;
}

/** Everything about an open Python at one moment. */
export interface PythonStatus {
  /** The interpreter of the default pool. */
  readonly python: string;
  /** Configured environments that workers run in. */
  readonly environments: readonly PythonEnvironment[];
  readonly pools: Readonly<Record<string, PoolStatus>>;
  /** Absent where memory is not shared. */
  readonly memory: SharedMemoryFigures | undefined;
}

/**
 * Python, in worker processes. Made by {@link openPython}.
 *
 * Nothing that Python does can hurt this process: a worker that dies fails the calls that it held, and is replaced.
 */
export interface Python extends PythonCalls, AsyncDisposable {
  /** Names of the pools. */
  readonly pools: readonly string[];
  /** What was configured, and where that was said. Absent where there is no configuration. */
  readonly config: LoadedConfig | undefined;
  /** What is lent to the workers; for arrays that are to be made in place. Absent where memory is not shared. */
  readonly memory: SharedMemory | undefined;
  /** Begins a session. */
  session(options?: PythonSessionOptions): Promise<PythonSession>;
  /** The sessions that are open. */
  sessions(): readonly PythonSessionInfo[];
  /** How the configured libraries were called: functions, times, errors, what was kept, and what would make them faster. */
  libraries(): readonly LibraryFigures[];
  /**
   * Forgets results of pure functions that were kept.
   *
   * @returns how many
   * @throws {AmphisError} LIBRARY_NOT_CONFIGURED
   */
  forget(options?: ForgetOptions): number;
  /**
   * Unloads a configured library: the workers of its pool do what they have, and are replaced by some that have not loaded it; its kept
   * results are forgotten. Live objects of these workers are gone. The next call loads it again, also in another version.
   *
   * @throws {AmphisError} LIBRARY_NOT_CONFIGURED
   */
  unload(library: string): Promise<void>;
  /** The configured environments that workers run in, with versions; empty where none is configured. */
  environments(): readonly PythonEnvironment[];
  status(): PythonStatus;
  /** Takes no more calls, waits for those that there are, and closes. */
  drain(): Promise<void>;
  /** Takes no more calls, rejects those that wait, gives the others `graceMs`, and ends the workers. Disposing of it closes it. */
  close(): Promise<void>;
}
