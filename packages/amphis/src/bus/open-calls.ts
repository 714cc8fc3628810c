import { DeadlineLane } from "./deadline-lane.ts";
import type { OutgoingCall } from "./outgoing-call.ts";

type Lane = DeadlineLane<OutgoingCall>;

/** The calls of this process that are not over, and when their time has passed. */
export class OpenCalls {
  /** Made once: each call is given it. */
  readonly onOver: (call: OutgoingCall) => void;
  /** By how long their calls may take. */
  readonly #lanes = new Map<number | undefined, Lane>();
  /** Where the last call went, and most likely the next one goes: kept when it is empty, as no other is. */
  #recent: Lane;
  #size = 0;
  #onNone: (() => void)[] = [];

  constructor() {
    this.onOver = (call) => this.#over(call);
    this.#recent = new DeadlineLane(undefined);
    this.#lanes.set(undefined, this.#recent);
  }

  get size(): number {
    return this.#size;
  }

  add(call: OutgoingCall): void {
    this.#size += 1;
    if (this.#recent.waitMs !== call.waitMs) this.#turnTo(call.waitMs);
    this.#recent.add(call);
  }

  /** Resolves when none is open. */
  over(): Promise<void> {
    if (this.#size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onNone.push(resolve);
    });
  }

  /** Ends all of them with an error; no more are made. */
  abandon(error: unknown): void {
    for (const lane of this.#lanes.values()) {
      for (let call = lane.first; call !== undefined; call = lane.first) call.abandon(error);
      lane.close();
    }
  }

  #over(call: OutgoingCall): void {
    const recent = this.#recent;
    const lane = recent.waitMs === call.waitMs ? recent : this.#lanes.get(call.waitMs);
    lane?.remove(call);
    if (lane !== undefined && lane !== recent) this.#letGo(lane);
    this.#size -= 1;
    if (this.#size > 0 || this.#onNone.length === 0) return;
    for (const resolve of this.#onNone.splice(0)) resolve();
  }

  #turnTo(waitMs: number | undefined): void {
    const left = this.#recent;
    const lane = this.#lanes.get(waitMs) ?? new DeadlineLane(waitMs);
    this.#lanes.set(waitMs, lane);
    this.#recent = lane;
    this.#letGo(left);
  }

  #letGo(lane: Lane): void {
    if (lane.first !== undefined) return;
    lane.close();
    this.#lanes.delete(lane.waitMs);
  }
}
