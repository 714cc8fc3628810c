import type { AmphisError } from "@amphis/protocol";

import type { Clock } from "./clock.ts";
import type { Lease } from "./lease.ts";

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Moment of the arena's clock (`performance.now()`) from which waiting is over. @default never */
  readonly deadline?: number | undefined;
}

/** `full`: nobody behind may be served either. `later`: only this one has to wait, for its own quota. */
export type Attempt = Lease | "full" | "later";

interface Waiter {
  readonly attempt: () => Attempt;
  readonly serve: (lease: Lease) => void;
  readonly refuse: (reason: unknown) => void;
}

/** Those who wait for memory, served in the order in which they came: a large request is not overtaken by small ones for ever. */
export class WaitingLine {
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  #isBlocked = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether somebody waits for room, not only for a quota of its own. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  get length(): number {
    return this.#waiters.size;
  }

  join(
    attempt: () => Attempt,
    { signal, deadline }: WaitOptions,
    exhausted: () => AmphisError,
  ): Promise<Lease> {
    return new Promise((resolve, reject) => {
      let disarm: (() => void) | undefined;
      const leave = (): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener("abort", abort);
        disarm?.();
      };
      const waiter: Waiter = {
        attempt,
        serve: (lease) => {
          leave();
          resolve(lease);
        },
        refuse: (reason) => {
          leave();
          reject(reason as Error);
        },
      };
      const giveUp = (reason: unknown): void => {
        waiter.refuse(reason);
        // Those behind may have waited only for this one.
        this.serve();
      };
      const abort = (): void => giveUp(signal?.reason);
      signal?.addEventListener("abort", abort);
      this.#waiters.add(waiter);
      if (deadline !== undefined) {
        disarm = this.#clock.after(
          deadline - this.#clock.now(),
          () => giveUp(exhausted()),
          "foreground",
        );
      }
    });
  }

  /** Serves whom it can; to be called whenever room, a quota or the line has changed. */
  serve(): void {
    this.#isBlocked = false;
    for (const waiter of this.#waiters) {
      const result = waiter.attempt();
      if (result === "full") {
        this.#isBlocked = true;
        return;
      }
      if (result !== "later") waiter.serve(result);
    }
  }

  refuseAll(reason: unknown): void {
    this.#isBlocked = false;
    for (const waiter of this.#waiters) waiter.refuse(reason);
  }
}
