import { type EventChannel, eventChannel } from "./event-channel.ts";

/** Which worker an event is about. */
export interface WorkerIdentity {
  readonly pool: string;
  /** Number of the worker within its pool; never used again. */
  readonly worker: number;
}

/** A worker process is about to be started. */
export interface WorkerStart extends WorkerIdentity {
  readonly reason: "open" | "load" | "replace" | "recycle";
}

/** A worker takes calls from now on. */
export interface WorkerReady extends WorkerIdentity {
  readonly pid: number;
  readonly startMs: number;
  /** Version of Python. */
  readonly python?: string | undefined;
  /** Modules that were loaded before it was ready. */
  readonly loaded?: readonly string[] | undefined;
}

/** A worker process ended. */
export interface WorkerExit extends WorkerIdentity {
  readonly pid?: number | undefined;
  /** How, in one word or two: `recycled`, `segfault`, `out of memory`, `exit code 3`. */
  readonly death: string;
  readonly isExpected: boolean;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  /** Calls that it answered. */
  readonly calls: number;
  readonly ageMs: number;
  /** Calls that it held, and that failed or moved. */
  readonly inFlight: number;
  readonly stderr?: string | undefined;
}

/** A worker is replaced though nothing happened to it. */
export interface WorkerRecycle extends WorkerIdentity {
  /** `library`: it does not work on this worker any more, or was unloaded. */
  readonly reason: "calls" | "age" | "memory" | "library";
  readonly calls: number;
  readonly ageMs: number;
  readonly rssBytes?: number | undefined;
}

/** What the heartbeat found out about a worker, told when it changes. */
export interface WorkerHealth extends WorkerIdentity {
  /**
   * `responsive`: it answers. `stuck`: the process runs, and C code holds the interpreter. `silent`: the process does not run at all, as
   * after SIGSTOP.
   */
  readonly status: "responsive" | "stuck" | "silent";
  readonly silentMs: number;
  readonly rssBytes?: number | undefined;
  readonly cpuMs?: number | undefined;
}

/** What Python code printed or logged. */
export interface WorkerLog extends WorkerIdentity {
  /** Call in which it was said. */
  readonly call?: number | undefined;
  /** Milliseconds since 1970, by the clock of the worker. */
  readonly time: number;
  readonly level: "debug" | "info" | "warning" | "error" | "critical";
  readonly logger?: string | undefined;
  readonly message: string;
  /** For what was printed. */
  readonly stream?: "stdout" | "stderr" | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly exception?: string | undefined;
}

export const workerStart: EventChannel<WorkerStart> = eventChannel("amphis:worker:start");
export const workerReady: EventChannel<WorkerReady> = eventChannel("amphis:worker:ready");
export const workerExit: EventChannel<WorkerExit> = eventChannel("amphis:worker:exit");
export const workerRecycle: EventChannel<WorkerRecycle> = eventChannel("amphis:worker:recycle");
export const workerHealth: EventChannel<WorkerHealth> = eventChannel("amphis:worker:health");
export const workerLog: EventChannel<WorkerLog> = eventChannel("amphis:worker:log");
