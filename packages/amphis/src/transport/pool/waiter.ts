import type { Clock } from "../clock.ts";
import type { Lease } from "./contract.ts";

export interface WaiterOptions {
  readonly clock: Clock;
  /** Milliseconds; infinite for no limit. */
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  /** Takes it out of the queue. */
  leave(waiter: Waiter): void;
  /** What it fails with when its time is up. */
  timeout(waitedMs: number): Error;
}

/** A caller that waits for a lease. Ends once: with a lease, an error, its time or its signal. */
export class Waiter {
  readonly lease: Promise<Lease>;
  readonly #options: WaiterOptions;
  readonly #since: number;
  readonly #stopTimer: () => void;
  #resolve: (lease: Lease) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(options: WaiterOptions) {
    const { clock, limitMs, signal } = options;
    this.#options = options;
    this.#since = clock.now();
    this.lease = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#stopTimer =
      limitMs === Infinity
        ? () => undefined
        : clock.after(limitMs, () => this.#timeOut(), "foreground");
    signal?.addEventListener("abort", this.#abort);
  }

  serve(lease: Lease): void {
    this.#settle();
    this.#resolve(lease);
  }

  fail(error: unknown): void {
    this.#settle();
    this.#reject(error);
  }

  readonly #abort = (): void => this.fail(this.#options.signal?.reason);

  #timeOut(): void {
    this.fail(this.#options.timeout(this.#options.clock.now() - this.#since));
  }

  #settle(): void {
    this.#stopTimer();
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#options.leave(this);
  }
}
