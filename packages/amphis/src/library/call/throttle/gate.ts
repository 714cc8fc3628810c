import type { RateLimitOptions } from "../../options.ts";
import { FairLine } from "./fair-line.ts";
import { TokenBucket } from "./token-bucket.ts";

export interface GateOptions {
  /** @default any number */
  readonly concurrency?: number | undefined;
  /** @default none */
  readonly rateLimit?: RateLimitOptions | undefined;
}

/** Who wants to pass a gate. */
export interface Passer {
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** It may; whoever passed leaves some time. */
  pass(waitedMs: number): void;
  /** It waited for as long as it can. */
  late(waitedMs: number): void;
  /** Its signal was aborted while it waited; it is not within. */
  aborted(): void;
}

/** Timers of Node end here. */
const MAX_DELAY_MS = 0x7fff_ffff;

/** Lets so many calls through at a time, and so many in a span of time; others wait in fair turns. */
export class Gate {
  #concurrency: number;
  #rateLimit: RateLimitOptions | undefined;
  #bucket: TokenBucket | undefined;
  #within = 0;
  readonly #line = new FairLine<Waiter>();
  #timer: NodeJS.Timeout | undefined;

  constructor({ concurrency = Infinity, rateLimit }: GateOptions) {
    this.#concurrency = concurrency;
    this.#rateLimit = rateLimit;
    this.#bucket = bucketOf(rateLimit);
  }

  get waiting(): number {
    return this.#line.length;
  }

  get within(): number {
    return this.#within;
  }

  /** Other limits from now on. */
  limit({ concurrency = Infinity, rateLimit }: GateOptions): void {
    this.#concurrency = concurrency;
    if (JSON.stringify(rateLimit) !== JSON.stringify(this.#rateLimit)) {
      this.#rateLimit = rateLimit;
      this.#bucket = bucketOf(rateLimit);
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#open();
  }

  /** Passes at once, where nobody has to wait. */
  tryEnter(): boolean {
    if (this.#line.length > 0 || this.#within >= this.#concurrency) return false;
    if (this.#bucket?.take(performance.now()) === false) return false;
    this.#within += 1;
    return true;
  }

  /** Passes when it is its turn: now, or later. */
  enter(name: string, passer: Passer): void {
    if (this.tryEnter()) passer.pass(0);
    else if (passer.signal?.aborted === true) passer.aborted();
    else {
      this.#line.push(name, new Waiter(passer, (waiter) => this.#line.leave(name, waiter)));
      this.#open();
    }
  }

  /** Lets everybody pass from now on, those that wait too: what is behind it takes nothing any more. */
  close(): void {
    this.limit({});
  }

  leave(): void {
    this.#within -= 1;
    if (this.#line.length > 0) this.#open();
  }

  readonly #open = (): void => {
    while (this.#line.length > 0 && this.#within < this.#concurrency) {
      const now = performance.now();
      if (this.#bucket?.take(now) === false) {
        this.#openIn(this.#bucket.waitMs(now));
        return;
      }
      this.#within += 1;
      this.#line.shift()?.pass();
    }
  };

  #openIn(delayMs: number): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        this.#open();
      },
      Math.min(Math.max(1, Math.ceil(delayMs)), MAX_DELAY_MS),
    );
  }
}

function bucketOf(rateLimit: RateLimitOptions | undefined): TokenBucket | undefined {
  return rateLimit === undefined ? undefined : new TokenBucket(rateLimit, performance.now());
}

/** A call in the line, with its deadline and its signal. */
class Waiter {
  readonly #passer: Passer;
  readonly #leave: (waiter: Waiter) => boolean;
  readonly #since = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(passer: Passer, leave: (waiter: Waiter) => boolean) {
    this.#passer = passer;
    this.#leave = leave;
    const { timeoutMs, signal } = passer;
    if (timeoutMs !== undefined && timeoutMs <= MAX_DELAY_MS) {
      this.#timer = setTimeout(this.#late, timeoutMs);
    }
    signal?.addEventListener("abort", this.#aborted);
  }

  pass(): void {
    this.#over();
    this.#passer.pass(performance.now() - this.#since);
  }

  readonly #late = (): void => {
    this.#over();
    if (this.#leave(this)) this.#passer.late(performance.now() - this.#since);
  };

  readonly #aborted = (): void => {
    this.#over();
    if (this.#leave(this)) this.#passer.aborted();
  };

  #over(): void {
    clearTimeout(this.#timer);
    this.#passer.signal?.removeEventListener("abort", this.#aborted);
  }
}
