import type { RateLimitOptions } from "../../options.ts";

/**
 * Tokens that come back evenly: `calls` in each `perMs`, and no more than `calls` at a time.
 *
 * So after a rest `calls` can be made at once, and in the long run so many in each span.
 */
export class TokenBucket {
  readonly #most: number;
  readonly #perMs: number;
  #tokens: number;
  #filledAt: number;

  constructor({ calls, perMs = 1_000 }: RateLimitOptions, now: number) {
    this.#most = calls;
    this.#perMs = calls / perMs;
    this.#tokens = calls;
    this.#filledAt = now;
  }

  /** Takes one, if there is one. */
  take(now: number): boolean {
    this.#fill(now);
    // What is missing by less than rounding is there.
    if (this.#tokens < 1 - 1e-9) return false;
    this.#tokens -= 1;
    return true;
  }

  /** How long until there is one. */
  waitMs(now: number): number {
    this.#fill(now);
    return Math.max(0, (1 - this.#tokens) / this.#perMs);
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#most, this.#tokens + (now - this.#filledAt) * this.#perMs);
    this.#filledAt = now;
  }
}
