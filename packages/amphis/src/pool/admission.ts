import { PRIORITIES } from "@amphis/protocol";

import { currentCallback } from "../worker/index.ts";
import { breakerOpen, callCancelled, poolClosed } from "./call-errors.ts";
import type { Crew } from "./crew.ts";
import type { Homes } from "./homes.ts";
import type { CallOptions } from "./options.ts";
import type { PoolCall } from "./pool-call.ts";
import type { Sessions } from "./sessions.ts";
import type { PoolSettings } from "./settings.ts";
import type { Statistics } from "./statistics.ts";

/** What is asked before a call is taken. */
export interface AdmissionInit {
  readonly settings: PoolSettings;
  readonly crews: readonly Crew[];
  readonly statistics: Statistics;
  readonly homes: Homes;
  readonly sessions: Sessions;
}

/** Judges calls before anything is done with them, and finds out who has to do them. */
export class Admission {
  readonly #init: AdmissionInit;

  constructor(init: AdmissionInit) {
    this.#init = init;
  }

  /** @throws when the call cannot be taken at all */
  admit(call: PoolCall, now: number, isClosed: boolean): void {
    const { settings, sessions, homes, statistics } = this.#init;
    const { options, session } = call;
    // What others wait for is done to the end.
    const isPart = currentCallback() !== undefined || sessions.isCleaning(session);
    if (isClosed && !isPart) throw poolClosed(settings.name);
    checkOptions(options);
    if (options.signal?.aborted === true) {
      statistics.calls.cancelled += 1;
      throw callCancelled(call, options.signal.reason);
    }
    call.home = homes.of(call.work);
    if (session !== undefined) sessions.enter(call, session, now);
    this.#nest(call);
    if (call.home === undefined) this.#checkCrews(call, now);
  }

  /** Within a callback the worker that waits for it does the work, before it goes on. */
  #nest(call: PoolCall): void {
    const calling = currentCallback();
    if (calling === undefined) return;
    const worker = this.#init.homes.workerOf(calling.conversation);
    if (worker === undefined || (call.home !== undefined && call.home !== worker)) return;
    if (call.device !== undefined && call.device !== worker.crew.device) return;
    if (call.session?.worker !== undefined && call.session.worker !== worker) return;
    call.home = worker;
    call.work = { ...call.work, nested: true, within: calling.callback };
  }

  /** @throws when no crew takes calls at the moment */
  #checkCrews(call: PoolCall, now: number): void {
    const { settings, crews, statistics } = this.#init;
    let refused: Crew | undefined;
    for (const crew of crews) {
      if (!crew.serves(call)) continue;
      if (!crew.isHopeless && (crew.breaker.isClosed || crew.breaker.admits(now))) return;
      refused = crew;
    }
    if (refused === undefined) {
      throw new RangeError(
        `Cannot make call: pool ${settings.name} has no workers on ${String(call.device)}`,
      );
    }
    statistics.calls.turnedAway += 1;
    if (refused.isHopeless) throw refused.lastFailure;
    const { device, breaker } = refused;
    throw breakerOpen(settings.name, device, breaker.crashes, breaker.retryAfterMs(now));
  }
}

/** @throws {TypeError | RangeError} */
function checkOptions({ timeoutMs, priority }: CallOptions): void {
  if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
    throw new RangeError(`Cannot make call: timeoutMs must not be negative, got ${timeoutMs}`);
  }
  if (priority !== undefined && !PRIORITIES.includes(priority)) {
    throw new TypeError(`Cannot make call: priority must be one of ${PRIORITIES.join(", ")}`);
  }
}
