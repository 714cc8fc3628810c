import type { AmphisError } from "@amphis/protocol";

export type { LogBody as LogEntry, LogLevel } from "@amphis/protocol";

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

/** Something that a worker tells; ones that are not known are to be ignored. */
export interface WorkerEvent {
  readonly event: string;
  readonly [key: string]: unknown;
}
