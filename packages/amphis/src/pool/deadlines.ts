import { type Clock, MAX_DELAY_MS } from "./clock.ts";

/** Something that happens at a moment, unless it is taken back. */
export interface Timed {
  /** Moment on the clock. Must not change while it is set. */
  dueAt: number;
  /** Place among the others; -1 while it is not set. Belongs to {@link Deadlines}. */
  place: number;
  /** The moment has come; it is no longer set. */
  due(): void;
}

/** Earlier than this a timer is not set anew: it fires for nothing at most once in so many milliseconds. */
const COARSE_MS = 1;

/**
 * Moments of many calls with one timer, which holds no process alive.
 *
 * Taking a moment back leaves the timer as it is, so calls that end in time set none. A moment comes at most a millisecond late.
 */
export class Deadlines {
  readonly #clock: Clock;
  /** A binary heap: each is not later than the two below it. */
  readonly #heap: Timed[] = [];
  #timerAt = Infinity;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** Sets it, or sets it anew if it was set. */
  set(timed: Timed, dueAt: number): void {
    if (timed.place >= 0) this.clear(timed);
    timed.dueAt = dueAt;
    this.#heap.push(timed);
    this.#rise(this.#heap.length - 1, timed);
    if (dueAt < this.#timerAt) this.#arm(dueAt);
  }

  /** Takes it back; harmless when it is not set. */
  clear(timed: Timed): void {
    const at = timed.place;
    if (at < 0) return;
    timed.place = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === timed) return;
    this.#sink(at, last);
    if (last.place === at) this.#rise(at, last);
  }

  /** Takes all back, and leaves no timer. */
  close(): void {
    for (const timed of this.#heap) timed.place = -1;
    this.#heap.length = 0;
    this.#disarm();
  }

  #arm(dueAt: number): void {
    this.#cancelTimer?.();
    this.#timerAt = dueAt;
    const delay = Math.min(Math.max(COARSE_MS, Math.ceil(dueAt - this.#clock.now())), MAX_DELAY_MS);
    this.#cancelTimer = this.#clock.after(delay, () => this.#fire(), "background");
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAt = Infinity;
  }

  #fire(): void {
    this.#disarm();
    const now = this.#clock.now();
    for (let first = this.#heap[0]; first !== undefined && first.dueAt <= now;) {
      this.clear(first);
      first.due();
      first = this.#heap[0];
    }
    const next = this.#heap[0];
    // What was due may have set a timer already.
    if (next !== undefined && next.dueAt < this.#timerAt) this.#arm(next.dueAt);
  }

  #rise(from: number, timed: Timed): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = this.#heap[above] as Timed;
      if (other.dueAt <= timed.dueAt) break;
      this.#put(at, other);
      at = above;
    }
    this.#put(at, timed);
  }

  #sink(from: number, timed: Timed): void {
    const { length } = this.#heap;
    let at = from;
    for (let below = 2 * at + 1; below < length; below = 2 * at + 1) {
      const right = this.#heap[below + 1];
      const left = this.#heap[below] as Timed;
      const isRight = right !== undefined && right.dueAt < left.dueAt;
      const least = isRight ? right : left;
      if (timed.dueAt <= least.dueAt) break;
      this.#put(at, least);
      at = isRight ? below + 1 : below;
    }
    this.#put(at, timed);
  }

  #put(at: number, timed: Timed): void {
    this.#heap[at] = timed;
    timed.place = at;
  }
}
