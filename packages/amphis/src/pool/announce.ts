/*
 * Tells the events of a pool. Each asks first whether anybody listens, and makes nothing when nobody does.
 */

import { isAmphisError } from "@amphis/protocol";

import {
  breakerChange,
  type BreakerState,
  callError,
  callRetry,
  callStart,
  callStop,
  type CallBytes,
  type CallIdentity,
  type CallTimes,
  fallback,
  streamItem,
  streamStall,
  streamStop,
  workerExit,
  workerHealth,
  workerLog,
  workerReady,
  workerRecycle,
  workerStart,
} from "../telemetry/index.ts";
import type { CallFigures, Launcher, LogEntry, Work } from "../worker/index.ts";
import type { Breaker } from "./breaker.ts";
import type { StartReason } from "./crew.ts";
import type { WorkerDeath } from "./death.ts";
import type { PoolCall } from "./pool-call.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { RecycleReason } from "./recycling.ts";
import { areOperationsHeard } from "./worker-operations.ts";

/** Work that says what anybody wants to know of it: how long it took inside the worker, and of operations. */
export function asHeard(work: Work): Work {
  const timed = callStop.hasSubscribers && work.timed !== true;
  const operations = areOperationsHeard();
  if (!timed && !operations) return work;
  return { ...work, timed: timed || work.timed, operations: operations || undefined };
}

export function announceCall(call: PoolCall, pool: string, waiting: number): void {
  if (callStart.hasSubscribers) callStart.publish({ ...identity(call, pool), waiting });
}

export function announceAnswer(
  call: PoolCall,
  pool: string,
  now: number,
  figures: CallFigures | undefined,
): void {
  announceStreamEnd(call, pool);
  if (!callStop.hasSubscribers) return;
  callStop.publish({
    ...identity(call, pool),
    worker: call.worker?.number ?? 0,
    times: times(call, now, figures),
    bytes: bytes(figures),
    attempts: call.attempts,
  });
}

export function announceFailure(
  call: PoolCall,
  pool: string,
  now: number,
  error: unknown,
  figures?: CallFigures,
): void {
  announceStreamEnd(call, pool, error);
  if (!callError.hasSubscribers) return;
  callError.publish({
    ...identity(call, pool),
    worker: call.worker?.number,
    times: times(call, now, figures),
    bytes: bytes(figures),
    attempts: call.attempts,
    code: codeOf(error),
    error,
  });
}

export function announceRetry(
  call: PoolCall,
  pool: string,
  reason: "moved" | "retried",
  delayMs: number,
): void {
  if (!callRetry.hasSubscribers) return;
  callRetry.publish({
    ...identity(call, pool),
    worker: call.worker?.number ?? 0,
    attempt: call.attempts + 1,
    delayMs,
    reason,
    code: codeOf(call.lastError),
  });
}

export function announceItem(call: PoolCall, pool: string): void {
  streamItem.publish({
    ...identity(call, pool),
    worker: call.worker?.number ?? 0,
    index: call.items - 1,
  });
}

export function announceStall(call: PoolCall, pool: string, waitsFor: "reader" | "python"): void {
  if (!streamStall.hasSubscribers) return;
  const worker = call.worker?.number ?? 0;
  streamStall.publish({
    ...identity(call, pool),
    worker,
    waitsFor,
    items: call.items,
  });
}

function announceStreamEnd(call: PoolCall, pool: string, error?: unknown): void {
  if (call.work.stream !== true || !streamStop.hasSubscribers) return;
  const code = codeOf(error);
  streamStop.publish({
    ...identity(call, pool),
    worker: call.worker?.number,
    items: call.items,
    reason: error === undefined ? "end" : code === "CALL_CANCELLED" ? "left" : "error",
  });
}

/** How workers are started is second best. */
export function announceLauncher({ kind, reason }: Launcher): void {
  if (kind === "warden" || !fallback.hasSubscribers) return;
  fallback.publish({
    part: "worker start",
    wanted: "warden",
    used: kind,
    reason: reason ?? "",
  });
}

export function announceStart(worker: PoolWorker, pool: string, reason: StartReason): void {
  if (workerStart.hasSubscribers) {
    workerStart.publish({ pool, worker: worker.number, reason });
  }
}

export function announceReady(worker: PoolWorker, pool: string, startMs: number): void {
  if (!workerReady.hasSubscribers) return;
  const { info } = worker;
  workerReady.publish({
    pool,
    worker: worker.number,
    pid: worker.pid,
    startMs,
    python: info?.python,
    loaded: info?.loaded,
  });
}

export function announceExit(
  worker: PoolWorker,
  pool: string,
  death: WorkerDeath,
  inFlight: number,
  now: number,
): void {
  worker.operations.end(`worker ${worker.number} ${death.text}`);
  if (!workerExit.hasSubscribers) return;
  workerExit.publish({
    pool,
    worker: worker.number,
    pid: worker.launched?.pid,
    death: death.killedFor ?? (death.kind === "exit" ? `exit code ${death.exitCode}` : death.kind),
    isExpected: death.killedFor !== undefined,
    exitCode: death.exitCode,
    signal: death.signal,
    calls: worker.calls,
    ageMs: now - worker.createdAt,
    inFlight,
    stderr: death.stderr,
  });
}

export function announceRecycle(
  worker: PoolWorker,
  pool: string,
  reason: RecycleReason,
  now: number,
): void {
  if (!workerRecycle.hasSubscribers) return;
  workerRecycle.publish({
    pool,
    worker: worker.number,
    reason,
    calls: worker.calls,
    ageMs: now - worker.createdAt,
    rssBytes: worker.rssBytes,
  });
}

export function announceHealth(worker: PoolWorker, pool: string, now: number): void {
  if (!workerHealth.hasSubscribers) return;
  workerHealth.publish({
    pool,
    worker: worker.number,
    status: worker.health,
    silentMs: now - worker.heardAt,
    rssBytes: worker.rssBytes,
    cpuMs: worker.cpuMs,
  });
}

export function announceLog(worker: PoolWorker, pool: string, entry: LogEntry): void {
  if (!workerLog.hasSubscribers) return;
  workerLog.publish({
    ...entry,
    pool,
    worker: worker.number,
    call: entry.call === 0 ? undefined : entry.call,
  });
}

export function announceBreaker(
  breaker: Breaker,
  pool: string,
  device: string | undefined,
  from: BreakerState,
  now: number,
): void {
  if (!breakerChange.hasSubscribers) return;
  breakerChange.publish({
    pool,
    device,
    from,
    to: breaker.state,
    crashes: breaker.crashes,
    retryAfterMs: breaker.state === "open" ? breaker.retryAfterMs(now) : undefined,
  });
}

function identity({ order, work }: PoolCall, pool: string): CallIdentity {
  const kind = work.stream === true ? "stream" : work.kind;
  return { call: order, pool, name: work.name, kind, traceparent: work.traceparent };
}

function times(call: PoolCall, now: number, figures: CallFigures | undefined): CallTimes {
  const totalMs = now - call.submittedAt;
  if (call.attempts === 0) return { totalMs, queueMs: totalMs };
  const queueMs = call.sentAt - call.submittedAt;
  if (figures === undefined) return { totalMs, queueMs };
  const { encodeMs, decodeMs, worker } = figures;
  if (worker === undefined) return { totalMs, queueMs, encodeMs, decodeMs };
  const pythonDecodeMs = worker.decodeNs / 1e6;
  const pythonMs = worker.runNs / 1e6;
  const pythonEncodeMs = worker.encodeNs / 1e6;
  const knownMs = queueMs + encodeMs + pythonDecodeMs + pythonMs + pythonEncodeMs + decodeMs;
  const transferMs = Math.max(0, totalMs - knownMs);
  const inPython = { pythonDecodeMs, pythonMs, pythonEncodeMs };
  return { totalMs, queueMs, encodeMs, transferMs, ...inPython, decodeMs };
}

function bytes(figures: CallFigures | undefined): CallBytes {
  if (figures === undefined) return {};
  const { sentBytes, receivedBytes, sharedOutBytes, sharedInBytes } = figures;
  return {
    sent: sentBytes,
    received: receivedBytes,
    sharedOut: sharedOutBytes,
    sharedIn: sharedInBytes,
  };
}

function codeOf(error: unknown): string {
  if (isAmphisError(error)) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
