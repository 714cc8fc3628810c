import type { BreakerState } from "../telemetry/index.ts";

/** When a pool, or a device, stops making calls as its workers die too often. */
export interface BreakerOptions {
  /** So many deaths open it. 0 = it never opens. @default 8 */
  readonly crashes?: number | undefined;
  /** They count if they were within this time. @default 10_000 */
  readonly withinMs?: number | undefined;
  /** So long no call is made; then one is tried. @default 2_000 */
  readonly coolMs?: number | undefined;
}

/** Longest cooling after many failures, in times of the first. */
const MOST_COOLINGS = 8;

/** Hears of each change. */
export type BreakerObserver = (from: BreakerState, breaker: Breaker) => void;

/**
 * Counts deaths of workers, and says whether calls are made.
 *
 * Closed, all are. When too many workers died within the time it opens, and none is; when it has cooled it is half open, and one call is
 * made to see: its success closes the breaker, a death opens it for twice as long, up to eight times.
 *
 * Our own, as the known ones wrap each call in a function and a promise, while deaths here come from outside of calls.
 */
export class Breaker {
  readonly #crashes: number;
  readonly #withinMs: number;
  readonly #coolMs: number;
  readonly #observe: BreakerObserver;
  #deaths: number[] = [];
  #state: BreakerState = "closed";
  #openedAt = 0;
  #coolings = 1;
  #isTrying = false;

  constructor(options: BreakerOptions, observe: BreakerObserver = () => undefined) {
    const { crashes = 8, withinMs = 10_000, coolMs = 2_000 } = options;
    this.#crashes = crashes;
    this.#withinMs = withinMs;
    this.#coolMs = coolMs;
    this.#observe = observe;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Whether it lets every call pass; the question that each call asks. */
  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Deaths that count. */
  get crashes(): number {
    return this.#deaths.length;
  }

  retryAfterMs(now: number): number {
    if (this.#state !== "open") return 0;
    return Math.max(0, Math.ceil(this.#openedAt + this.#coolMs * this.#coolings - now));
  }

  /** Whether calls may be made now; when it has cooled, for one of them. */
  admits(now: number): boolean {
    if (this.#state === "closed") return true;
    if (this.#state === "open" && this.retryAfterMs(now) === 0) this.#change("half-open");
    return this.#state === "half-open" && !this.#isTrying;
  }

  /** A call is made while it is half open: no other is until that one is over. */
  trying(): void {
    if (this.#state === "half-open") this.#isTrying = true;
  }

  /** A call was answered, in whatever way: its worker lives. */
  alive(): void {
    if (this.#state !== "half-open") return;
    this.#deaths = [];
    this.#coolings = 1;
    this.#change("closed");
  }

  /** The call that was tried ended without telling anything about its worker. */
  untried(): void {
    this.#isTrying = false;
  }

  died(now: number): void {
    if (this.#crashes === 0) return;
    this.#deaths = this.#deaths.filter((at) => at > now - this.#withinMs);
    this.#deaths.push(now);
    if (this.#state === "half-open") {
      this.#coolings = Math.min(MOST_COOLINGS, this.#coolings * 2);
      this.#open(now);
    } else if (this.#state === "closed" && this.#deaths.length >= this.#crashes) {
      this.#open(now);
    }
  }

  #open(now: number): void {
    this.#openedAt = now;
    this.#change("open");
  }

  #change(to: BreakerState): void {
    const from = this.#state;
    this.#state = to;
    this.#isTrying = false;
    this.#observe(from, this);
  }
}
