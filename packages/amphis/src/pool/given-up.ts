import { afterReading } from "./after-reading.ts";
import { callTimeout } from "./call-errors.ts";
import type { Deadlines } from "./deadlines.ts";
import type { KillReason } from "./death.ts";
import type { PoolCall } from "./pool-call.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { PoolSettings } from "./settings.ts";
import { stacksOf } from "./worker-stacks.ts";

/** Later than this a moment comes only where the event loop stood still. */
const LATE_MS = 10;

export interface GivenUpInit {
  readonly settings: PoolSettings;
  readonly deadlines: Deadlines;
  /** Tells the caller. */
  readonly fail: (call: PoolCall, error: unknown) => void;
}

/**
 * Calls that a worker holds and nobody wants any more.
 *
 * Python is asked to break the call off; one that goes on after the grace period is ended with its worker. A worker is never ended for a
 * call that it has not begun with. What the caller gets is certain from the moment at which the call is given up; the answer of the worker
 * only says that it is free again.
 */
export class GivenUp {
  readonly #init: GivenUpInit;
  readonly #asked = new Map<PoolWorker, Promise<string>>();
  readonly #reasons = new WeakMap<PoolCall, KillReason>();
  /** Whose grace period was begun anew. */
  readonly #prolonged = new WeakSet<PoolCall>();

  constructor(init: GivenUpInit) {
    this.#init = init;
  }

  /** Whether its worker may have begun with it. */
  hasBegun(call: PoolCall): boolean {
    if (this.#init.settings.profile !== "process") return true;
    return call.worker?.front === call || call.work.nested === true || call.items > 0;
  }

  /** Its deadline came while Python was doing it. The caller is told with what Python was doing, if that is known soon. */
  expired(call: PoolCall): void {
    const stacks = this.#stacksOf(call.worker);
    this.#breakOff(call, "deadline");
    void stacks.then((text) => this.#init.fail(call, callTimeout(call, text)));
  }

  /** One report serves all calls that expire while it is made. */
  #stacksOf(worker: PoolWorker | undefined): Promise<string> {
    if (worker === undefined) return Promise.resolve("");
    const asked = this.#asked.get(worker);
    if (asked !== undefined) return asked;
    const stacks = stacksOf(worker, this.#init.settings.clock).then((text) => {
      this.#asked.delete(worker);
      worker.pythonStack = text;
      return text;
    });
    this.#asked.set(worker, stacks);
    return stacks;
  }

  /** Its deadline came before its worker had begun with it; or its caller does not want it, which the caller is told by others. */
  drop(call: PoolCall, reason: "deadline" | "cancelled"): void {
    this.#breakOff(call, reason);
  }

  /** The grace period is over. */
  overstayed(call: PoolCall): void {
    if (call.worker === undefined) return;
    if (!this.hasBegun(call) || this.#wasBusy(call)) this.#wait(call);
    else afterReading(() => this.#end(call));
  }

  /** Whether this program was: it may not even have sent that the call is given up, so the period begins anew, once. */
  #wasBusy(call: PoolCall): boolean {
    const isLate = this.#init.settings.clock.now() - call.dueAt > LATE_MS;
    if (!isLate || this.#prolonged.has(call)) return false;
    this.#prolonged.add(call);
    return true;
  }

  #end(call: PoolCall): void {
    const { worker } = call;
    if (worker === undefined || call.phase !== "givenUp") return;
    if (this.hasBegun(call)) worker.crew.kill(worker, this.#reasons.get(call) ?? "cancelled");
    else this.#wait(call);
  }

  #breakOff(call: PoolCall, reason: "deadline" | "cancelled"): void {
    call.phase = "givenUp";
    this.#reasons.set(call, reason);
    const isLate = reason === "deadline";
    call.worker?.conversation?.cancel(
      call.callId,
      isLate ? "its deadline is over" : "its caller gave it up",
      isLate ? "REQUEST_TIMEOUT" : "REQUEST_CANCELLED",
    );
    this.#wait(call);
  }

  #wait(call: PoolCall): void {
    const { settings, deadlines } = this.#init;
    deadlines.set(call, settings.clock.now() + settings.graceMs);
  }
}
