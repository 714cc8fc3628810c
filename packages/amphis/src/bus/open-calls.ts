import type { OutgoingCall } from "./outgoing-call.ts";

/** The calls of this process that are not over. */
export class OpenCalls {
  /** Made once: each call is given it. */
  readonly onOver: (call: OutgoingCall) => void;
  readonly #calls = new Set<OutgoingCall>();
  #onNone: (() => void)[] = [];

  constructor() {
    this.onOver = (call) => this.#over(call);
  }

  get size(): number {
    return this.#calls.size;
  }

  add(call: OutgoingCall): void {
    this.#calls.add(call);
  }

  /** Resolves when none is open. */
  over(): Promise<void> {
    if (this.#calls.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onNone.push(resolve);
    });
  }

  /** Ends all of them with an error. */
  abandon(error: unknown): void {
    for (const call of this.#calls) call.abandon(error);
  }

  #over(call: OutgoingCall): void {
    this.#calls.delete(call);
    if (this.#calls.size > 0) return;
    for (const resolve of this.#onNone.splice(0)) resolve();
  }
}
