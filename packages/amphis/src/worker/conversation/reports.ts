import type { AmphisError } from "@amphis/protocol";

/** What a worker says of itself when it is ready. */
export interface ReadyInfo {
  readonly pid: number;
  /** Version of Python: `3.11.2`. */
  readonly python: string;
  /** `CPython`, `PyPy`. */
  readonly implementation: string;
  readonly executable: string;
  /** Modules that were loaded before. */
  readonly loaded: readonly string[];
  /** Modules that could not be. */
  readonly failed: readonly FailedModule[];
  /** Number of the signal at which it writes the stacks of all threads to its standard error, whoever holds the interpreter. */
  readonly stacksSignal: number | undefined;
  /** Who judges what it does, where there is a policy: C code that Python cannot reach, or Python. */
  readonly guard?: "native" | "python" | undefined;
}

/** A module that was to be loaded before, and could not be. */
export interface FailedModule {
  readonly module: string;
  /** What Python raised. */
  readonly failure: AmphisError;
}

export type LogLevel = "debug" | "info" | "warning" | "error" | "critical";

/** A line that Python logged or printed. */
export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: LogLevel;
  readonly logger: string;
  readonly message: string;
  /** The call that said it; 0: none. */
  readonly call: number;
  /** Of `print`. */
  readonly stream?: "stdout" | "stderr" | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  /** Text of the exception that was logged with it. */
  readonly exception?: string | undefined;
}

/** Something that a worker tells; ones that are not known are to be ignored. */
export interface WorkerEvent {
  readonly event: string;
  readonly [key: string]: unknown;
}
