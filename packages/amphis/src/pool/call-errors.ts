/*
 * What callers get when the pool, and not Python, is why there is no result.
 */

import { AmphisError } from "@amphis/protocol";

import type { RemoteObject, Work } from "../worker/index.ts";
import type { CrashHistory } from "./crash-history.ts";
import { judgeDeath, type WorkerDeath } from "./death.ts";
import type { PoolCall } from "./pool-call.ts";
import type { PoolWorker } from "./pool-worker.ts";
import { reasonText } from "./reason-text.ts";
import type { PoolSettings } from "./settings.ts";

/** A blocking call whose worker ended waits so long for how; a core dump may take longer. */
const EXIT_MS = 250;

export function poolClosed(pool: string): AmphisError {
  return new AmphisError("POOL_CLOSED", `Cannot make call: pool ${pool} is draining or closed`, {
    pool,
  });
}

export function queueFull(pool: string, waiting: number): AmphisError {
  return new AmphisError(
    "QUEUE_FULL",
    `Cannot make call: ${waiting} calls wait for a worker of pool ${pool} already`,
    { pool, waiting },
  );
}

export function queueTimeout(pool: string, call: PoolCall, now: number): AmphisError {
  const waitedMs = Math.round(now - call.submittedAt);
  return new AmphisError(
    "QUEUE_TIMEOUT",
    `Cannot make call of ${call.work.name}: no worker of pool ${pool} was free within ${waitedMs} ms`,
    { pool, waitedMs },
    { cause: call.lastError },
  );
}

export function callTimeout(call: PoolCall, pythonStack: string): AmphisError {
  const { name } = call.work;
  const timeoutMs = call.options.timeoutMs ?? 0;
  return new AmphisError(
    "CALL_TIMEOUT",
    `Cannot get result of ${name}: it was not done within ${timeoutMs} ms`,
    { call: name, timeoutMs, pythonStack },
  );
}

export function callCancelled(call: PoolCall, cause: unknown): AmphisError {
  const { name } = call.work;
  const reason = reasonText(cause);
  return new AmphisError(
    "CALL_CANCELLED",
    `Cannot get result of ${name}: its caller cancelled it: ${reason}`,
    { call: name, reason },
    { cause },
  );
}

export function breakerOpen(
  pool: string,
  device: string | undefined,
  crashes: number,
  retryAfterMs: number,
): AmphisError {
  const who = device === undefined ? `pool ${pool}` : `pool ${pool} on ${device}`;
  return new AmphisError(
    "BREAKER_OPEN",
    `Cannot make call: workers of ${who} died ${crashes} times within a short time`,
    { pool, crashes, retryAfterMs },
  );
}

/** What a call is told of a death beside it. */
export interface DeathDetails {
  readonly pool: string;
  readonly history: CrashHistory;
  readonly isStarted: "yes" | "no" | "unknown";
}

/** The death of the worker as the call sees it that was in its hands. */
export function deathOf(
  call: PoolCall,
  worker: PoolWorker,
  death: WorkerDeath,
  { pool, history, isStarted }: DeathDetails,
): AmphisError {
  const { name } = call.work;
  const remark = history.remark(name, death.kind);
  return workerEnded(worker, death, { pool, call: name, isStarted, remark, cause: call.lastError });
}

/** For whom a worker ended. */
export interface EndedFor {
  readonly pool: string;
  /** Empty for everything but calls. */
  readonly call: string;
  readonly isStarted: DeathDetails["isStarted"] | "";
  readonly remark?: string;
  readonly cause?: unknown;
}

/** What the end of a worker is to whoever was bound to it. */
export function workerEnded(
  { number, pid, pythonStack }: PoolWorker,
  death: WorkerDeath,
  { pool, call, isStarted, remark = "", cause }: EndedFor,
): AmphisError {
  const what = call === "" ? "go on" : `get result of ${call}`;
  const ofWhom = { pool, worker: number, pid, call };
  const { killedFor, kind, text, signal = "", exitCode = -1, stderr } = death;
  if (killedFor !== undefined) {
    return new AmphisError(
      "WORKER_KILLED",
      `Cannot ${what}: worker ${number} was ended (${killedFor})`,
      { ...ofWhom, reason: killedFor, pythonStack },
      { cause },
    );
  }
  return new AmphisError(
    "WORKER_CRASHED",
    `Cannot ${what}: worker ${number} ${text}${remark}`,
    {
      ...ofWhom,
      death: kind,
      signal,
      exitCode,
      pythonStack: death.pythonStack,
      stderr,
      isStarted,
    },
    { cause },
  );
}

export function sessionClosed(session: string, reason: string, cause?: unknown): AmphisError {
  return new AmphisError(
    "SESSION_CLOSED",
    `Cannot make call: session ${session} is over: ${reason}`,
    { session, reason },
    { cause },
  );
}

export function sessionBusy(session: string): AmphisError {
  return new AmphisError("SESSION_BUSY", `Cannot make call: session ${session} is busy`, {
    session,
  });
}

/** @param remote the object, where it is known */
export function handleGone(remote: RemoteObject | undefined, reason: string): AmphisError {
  const { id = 0, type = "object" } = remote ?? {};
  return new AmphisError("HANDLE_GONE", `Cannot use object of type ${type}: ${reason}`, {
    id,
    type,
    reason,
  });
}

export function handleElsewhere({ type }: RemoteObject): AmphisError {
  const reason = "it lives in a worker of another pool";
  return new AmphisError("HANDLE_ELSEWHERE", `Cannot use object of type ${type}: ${reason}`, {
    type,
    reason,
  });
}

/** Its worker ended while this thread was blocked, so that its end has to be asked for, and waited for a little. */
export function crashedInSync(
  { name }: Work,
  worker: PoolWorker,
  { name: pool, cpuSeconds }: PoolSettings,
  cause: unknown,
): AmphisError {
  const { launched, killedFor } = worker;
  const exit = launched?.exitWithin(EXIT_MS);
  const stderr = launched?.stderrTail ?? "";
  const death = judgeDeath({ exit, killedFor, cpuSeconds, stderr });
  return workerEnded(worker, death, { pool, call: name, isStarted: "unknown", cause });
}
