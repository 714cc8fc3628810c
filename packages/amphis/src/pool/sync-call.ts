import { AmphisError, isAmphisError } from "@amphis/protocol";

import { type Conversation, currentCallback, type Work } from "../worker/index.ts";
import { afterReading } from "./after-reading.ts";
import type { Assignment } from "./assignment.ts";
import {
  breakerOpen,
  crashedInSync,
  handleGone,
  poolClosed,
  sessionBusy,
  sessionClosed,
} from "./call-errors.ts";
import type { Crew } from "./crew.ts";
import type { Deadlines, Timed } from "./deadlines.ts";
import type { Homes } from "./homes.ts";
import type { CallOptions } from "./options.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { PoolSettings } from "./settings.ts";
import type { Statistics } from "./statistics.ts";
import { areOperationsHeard } from "./worker-operations.ts";

/**
 * A call that blocked until its deadline, and that its worker may still do.
 *
 * Its worker is ended when it has not answered by then, as that of any other call.
 */
class OverdueSync implements Timed {
  dueAt = 0;
  place = -1;
  readonly #worker: PoolWorker;

  constructor(worker: PoolWorker) {
    this.#worker = worker;
  }

  due(): void {
    afterReading(() => {
      const { conversation, held, crew } = this.#worker;
      // The pool holds all others.
      if (conversation !== undefined && conversation.inFlight > held) {
        crew.kill(this.#worker, "deadline");
      }
    });
  }
}

/** What calls that block are made with. */
export interface SyncCallInit {
  readonly settings: PoolSettings;
  readonly crews: readonly Crew[];
  readonly homes: Homes;
  readonly statistics: Statistics;
  readonly deadlines: Deadlines;
  readonly assignment: Assignment;
}

/** Calls that block this thread: they wait in no line, and nothing else of the pool happens meanwhile. */
export class SyncCalls {
  readonly #init: SyncCallInit;

  constructor(init: SyncCallInit) {
    this.#init = init;
  }

  /** @throws what the call fails with; {AmphisError} SYNC_IMPOSSIBLE while no worker is ready */
  make(work: Work, options: CallOptions): unknown {
    const { settings, statistics, deadlines, assignment } = this.#init;
    const calling = currentCallback();
    const worker = workerForSync(this.#init, work, options, calling?.conversation);
    const { conversation } = worker;
    if (conversation === undefined) throw poolClosed(settings.name);
    const startedAt = settings.clock.now();
    statistics.calls.submitted += 1;
    const isFirst = worker.held === 0;
    const { breaker } = worker.crew;
    breaker.trying();
    worker.running += 1;
    let outcome: "resolved" | "rejected" = "rejected";
    try {
      // Within a callback the worker that waits for it has to do the work before it goes on.
      const isPart = calling?.conversation === conversation;
      const told = areOperationsHeard() ? { ...work, operations: true } : work;
      const given = isPart ? { ...told, nested: true, within: calling.callback } : told;
      const value = conversation.startSync(given, options.timeoutMs ?? Infinity);
      outcome = "resolved";
      breaker.alive();
      return value;
    } catch (error) {
      breaker.untried();
      if (isAmphisError(error, "CONNECTION_CLOSED")) {
        throw crashedInSync(work, worker, settings, error);
      }
      if (isFirst && isAmphisError(error, "CALL_TIMEOUT")) {
        statistics.calls.timedOut += 1;
        deadlines.set(new OverdueSync(worker), settings.clock.now() + settings.graceMs);
      }
      throw error;
    } finally {
      const now = settings.clock.now();
      worker.running -= 1;
      worker.calls += 1;
      worker.lastDoneAt = now;
      statistics.latency.add(now - startedAt);
      statistics.calls[outcome] += 1;
      if (assignment.lines.length > 0) assignment.feed(worker, now);
    }
  }
}

/**
 * The worker that can do a call while nothing else of this program happens: the one that has to, or the one that has least to do.
 *
 * A busy one does it after what it has.
 *
 * @throws {AmphisError} SYNC_IMPOSSIBLE while no worker is ready; HANDLE_GONE; SESSION_CLOSED; SESSION_BUSY; BREAKER_OPEN
 */
function workerForSync(
  init: SyncCallInit,
  work: Work,
  options: CallOptions,
  calling: Conversation | undefined,
): PoolWorker {
  const { session } = options;
  const home = init.homes.of(work) ?? (session?.affinity === "hint" ? undefined : session?.worker);
  if (session !== undefined && session.state.kind !== "open") {
    throw sessionClosed(session.name, session.state.reason);
  }
  const worker =
    home ??
    (calling === undefined ? undefined : init.homes.workerOf(calling)) ??
    leastLoaded(init, options.device ?? session?.device);
  if (worker.state.kind !== "ready" && worker.state.kind !== "leaving") {
    throw handleGone(init.homes.objectIn(work), "its worker has ended");
  }
  if (session?.affinity === "fail" && !worker.isFree) throw sessionBusy(session.name);
  return worker;
}

/** One that waits for a promise of this program does nothing while its thread is blocked, and so is the last choice. */
function isBetter(one: PoolWorker, other: PoolWorker): boolean {
  const isStuck = isAwaitingPromise(one);
  if (isStuck !== isAwaitingPromise(other)) return !isStuck;
  return one.running < other.running;
}

function isAwaitingPromise({ conversation }: PoolWorker): boolean {
  return conversation?.isAwaitingPromise === true;
}

function leastLoaded({ settings, crews }: SyncCallInit, device: string | undefined): PoolWorker {
  let best: PoolWorker | undefined;
  let refused: Crew | undefined;
  for (const crew of crews) {
    if (device !== undefined && device !== crew.device) continue;
    if (!crew.breaker.isClosed && !crew.breaker.admits(settings.clock.now())) {
      refused = crew;
      continue;
    }
    for (const worker of crew.workers) {
      if (worker.isReady && (best === undefined || isBetter(worker, best))) best = worker;
    }
  }
  if (best !== undefined) return best;
  if (refused !== undefined) {
    const { breaker } = refused;
    const { name, clock } = settings;
    throw breakerOpen(name, refused.device, breaker.crashes, breaker.retryAfterMs(clock.now()));
  }
  const reason = `no worker of pool ${settings.name} is ready, and none can become so meanwhile`;
  throw new AmphisError("SYNC_IMPOSSIBLE", `Cannot make call: ${reason}`, { reason });
}
