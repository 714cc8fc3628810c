/** Tokens that are there at the start, and at most. */
const MOST = 10;

/**
 * How many calls may be made again, as a share of those that are made.
 *
 * Each call that may be retried adds its share, each retry takes a whole token; so when everything fails, retries add that share to the
 * load and no more. A pool that was quiet has ten to begin with.
 */
export class RetryBudget {
  readonly #share: number;
  #tokens = MOST;

  /** @param share retries per call in the long run: 0.2 is one in five */
  constructor(share: number) {
    this.#share = share;
    if (share === 0) this.#tokens = 0;
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** A call was made that may be retried. */
  deposit(): void {
    this.#tokens = Math.min(MOST, this.#tokens + this.#share);
  }

  /** @returns whether one may be made again; if so it is counted */
  withdraw(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
