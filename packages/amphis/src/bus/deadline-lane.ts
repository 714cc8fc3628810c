/** Longest delay that a timer takes. */
const MAX_DELAY_MS = 0x7fff_ffff;

/** Something that waits until a deadline on the monotonic clock, or for ever. */
export interface Waiter<W> {
  readonly deadline: number | undefined;
  /** Its neighbours in the lane, which alone sets them. */
  before: W | undefined;
  behind: W | undefined;
  /** Its time has passed. Leaves the lane. */
  expire(): void;
}

/**
 * Those who wait equally long: who came first is the first whose time passes, so they share one timer.
 *
 * Nearly all leave before their time. The timer runs on when they do, and looks anew when it fires: one for each would be made, put in
 * order and taken back for nothing. It keeps the process alive only while somebody waits.
 */
export class DeadlineLane<W extends Waiter<W>> {
  /** Undefined: for ever. */
  readonly waitMs: number | undefined;
  #first: W | undefined;
  #last: W | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(waitMs: number | undefined) {
    this.waitMs = waitMs;
  }

  get first(): W | undefined {
    return this.#first;
  }

  add(waiter: W): void {
    waiter.before = this.#last;
    if (this.#last === undefined) this.#first = waiter;
    else this.#last.behind = waiter;
    this.#last = waiter;
    if (this.#timer === undefined) this.#start(this.waitMs);
    else if (this.#first === waiter) this.#timer.ref();
  }

  remove(waiter: W): void {
    const { before, behind } = waiter;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    waiter.before = undefined;
    waiter.behind = undefined;
    if (this.#first === undefined) this.#timer?.unref();
  }

  /** Nobody comes any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #start(delayMs: number | undefined): void {
    if (delayMs === undefined) return;
    this.#timer = setTimeout(() => this.#look(), Math.min(delayMs, MAX_DELAY_MS));
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    let leftMs = this.#leftMs(now);
    for (; leftMs !== undefined && leftMs < 1; leftMs = this.#leftMs(now)) this.#first?.expire();
    if (this.#timer === undefined) this.#start(leftMs);
  }

  /** Until the time of the first has passed. */
  #leftMs(now: number): number | undefined {
    const deadline = this.#first?.deadline;
    return deadline === undefined ? undefined : deadline - now;
  }
}
