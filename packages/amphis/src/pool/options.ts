import type { Priority } from "@amphis/protocol";

import type { Placement, SharedMemory } from "../memory/index.ts";
import type { LogEntry, RemoteObject, TypedValues, WorkerSpec } from "../worker/index.ts";
import type { BackoffOptions } from "./backoff.ts";
import type { BreakerOptions } from "./breaker.ts";
import type { WorkerChores } from "./chores.ts";
import type { Clock } from "./clock.ts";
import type { EnvironmentOptions } from "./environment.ts";
import type { RecycleOptions } from "./recycling.ts";
import type { Session, SessionDefaults } from "./session.ts";

/** How a worker does several calls: one after the other, in threads, or as coroutines. */
export type Profile = WorkerSpec["profile"];

export interface PoolOptions {
  /** The interpreter of the workers. */
  readonly python: string;
  /** For messages, status and events. @default "default" */
  readonly name?: string | undefined;
  /** @default "process" */
  readonly profile?: Profile | undefined;
  /** Most workers at a time. @default as many as the machine has processors for this program; one per device at least */
  readonly workers?: number | undefined;
  /** Workers kept while nothing is to do, shared out among the devices. @default 1; one per device */
  readonly minWorkers?: number | undefined;
  /** Calls that one worker does at a time; only in the profiles `thread` and `asyncio`. @default 8 threads, 256 coroutines */
  readonly threads?: number | undefined;
  /** Modules that workers have loaded when they are ready; without one of them, no worker starts: PYTHON_IMPORT_FAILED. @default [] */
  readonly preload?: readonly string[] | undefined;
  /** Folders in front of Python's own module path. @default [] */
  readonly path?: readonly string[] | undefined;
  /** Folder that workers run in. @default that of this program */
  readonly cwd?: string | undefined;
  /** What of this program's environment workers see, and what else. */
  readonly env?: EnvironmentOptions | undefined;
  /** Limits of each worker, kept by the system. @default none */
  readonly limits?: WorkerSpec["limits"] | undefined;
  /**
   * How far workers are kept from the rest of the machine. More than this machine can enforce is an error: ISOLATION_UNSUPPORTED. In a sandbox,
   * `openPython` lends no memory: everything travels as bytes. @default "none"
   */
  readonly isolation?: WorkerSpec["isolation"];
  /** What isolated workers may do all the same. @default {} */
  readonly policy?: WorkerSpec["policy"];
  /** Devices that workers are bound to, one each and one at least: `cuda:0`, `cuda:1`, `cpu`. @default none: workers see them all */
  readonly devices?: readonly string[] | undefined;
  /** When workers are replaced though nothing happened to them. @default never */
  readonly recycle?: RecycleOptions | undefined;
  /** A worker beyond the minimum that did nothing for so long ends. 0 = never. @default 60_000 */
  readonly idleMs?: number | undefined;
  /** Calls that may wait for a worker; then QUEUE_FULL. @default 10_000 */
  readonly maxWaiting?: number | undefined;
  /** Short calls that are sent to a busy worker before it is done. 0 = none. Only in the profile `process`. @default 64 */
  readonly ahead?: number | undefined;
  /** Calls of functions that took less of late are short. @default 2 */
  readonly shortMs?: number | undefined;
  /** Longest time until a worker is ready; then WORKER_START_FAILED. @default 60_000 */
  readonly startTimeoutMs?: number | undefined;
  /** Waits between attempts to start workers, while they fail. */
  readonly startBackoff?: BackoffOptions | undefined;
  /** So long a call may go on after its deadline or cancellation; then its worker is killed. @default 2_000 */
  readonly graceMs?: number | undefined;
  /** When calls are refused, as too many workers died. */
  readonly breaker?: BreakerOptions | undefined;
  /** How calls marked as idempotent are made again when their worker dies. */
  readonly retry?: RetryOptions | undefined;
  /** How often workers are looked at. @default 1_000 */
  readonly heartbeatMs?: number | undefined;
  /**
   * A worker that gave no sign of life for so long is killed: it is stopped, or C code holds the interpreter. 0 = never while it has a
   * call; one that is idle is given up after ten heartbeats in any case. @default 0
   */
  readonly unresponsiveMs?: number | undefined;
  /** Sessions at a time. @default 1_024 */
  readonly maxSessions?: number | undefined;
  /** What sessions have where they say nothing themselves. @default {} */
  readonly sessions?: SessionDefaults | undefined;
  /** @default where that is safe */
  readonly forkServer?: boolean | undefined;
  /**
   * Keeps one worker more, forked but without modules that are not loaded before the fork, so that a worker that dies is replaced at once. It
   * does no call, takes no device, and is in no status. @default true where workers are forked
   */
  readonly spare?: boolean | undefined;
  /** What workers are asked beside calls, for libraries. @default nothing */
  readonly chores?: WorkerChores | undefined;
  /** Types whose values have a form of their own. @default none */
  readonly typed?: readonly TypedValues[] | undefined;
  /** Lent to the workers. @default none: everything travels as bytes */
  readonly memory?: SharedMemory | Promise<SharedMemory | undefined> | undefined;
  readonly placement?: Placement | undefined;
  /** Size of each of the two rings to a worker, a power of two. @default 262_144 */
  readonly ringBytes?: number | undefined;
  /**
   * How long both sides look at a ring before they sleep. @default 0.05; only this side where there are more workers than CPUs; 0 where
   * there is one CPU
   */
  readonly spinMs?: number | undefined;
  /** Largest message, without what travels in shared memory. @default 67_108_864 */
  readonly maxFrameBytes?: number | undefined;
  /** What a live object of Python looks like to callers. @default itself */
  readonly wrap?: ((remote: RemoteObject) => unknown) | undefined;
  /** The live object behind what `wrap` made. @default itself */
  readonly unwrap?: ((thing: object) => RemoteObject | undefined) | undefined;
  /** Hears what Python logs and prints. */
  readonly onLog?: ((entry: LogEntry, worker: number) => void) | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** Numbers from 0 to 1, without 1. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** How calls marked as idempotent are made again when their worker dies. */
export interface RetryOptions {
  /** Attempts in all. @default 3 */
  readonly attempts?: number | undefined;
  /** Retries per idempotent call in the long run; ten are there from the start. 0 = none. @default 0.2 */
  readonly budget?: number | undefined;
  /** Waits before the second attempt and those after it. @default from 50 to 2_000 ms */
  readonly backoff?: BackoffOptions | undefined;
}

export interface CallOptions {
  /** Name of a pool; for whoever has several. */
  readonly pool?: string | undefined;
  readonly session?: Session | undefined;
  /** Only workers of this device. @default any */
  readonly device?: string | undefined;
  /** Whether it may be made again when its worker dies. @default what the work says, else false */
  readonly idempotent?: boolean | undefined;
  /** @default "normal" */
  readonly priority?: Priority | undefined;
  /** Longest time until the answer, waiting included; then QUEUE_TIMEOUT or CALL_TIMEOUT. @default Infinity */
  readonly timeoutMs?: number | undefined;
  /** Gives it up: CALL_CANCELLED, with the signal's reason as the cause. */
  readonly signal?: AbortSignal | undefined;
}
