/** Whom a heartbeat acts upon. */
export interface HeartbeatActs {
  /** Asks the peer for a sign of life. */
  ask(): void;
  /** Gives a sign of life, unasked, while this side does not read and so cannot be asked. */
  show(): void;
  /** Nothing came for too long. */
  lost(silentMs: number): void;
}

interface Timer {
  unref?(): void;
}

/**
 * Finds peers that are gone without a word.
 *
 * A peer that was silent for `intervalMs` is asked; one that stays silent for as long again is lost. Silence counts only while this side
 * reads and was itself awake: bytes that wait in the socket of a process that slept are a sign of life too.
 */
export class Heartbeat {
  readonly #intervalMs: number;
  readonly #acts: HeartbeatActs;
  #timer: (Timer & ReturnType<typeof setTimeout>) | undefined;
  #heardAt: number;
  /** When the running timer is to fire. */
  #dueAt = 0;
  #askedAt: number | undefined;
  #deaf = false;

  constructor(intervalMs: number, acts: HeartbeatActs) {
    this.#intervalMs = intervalMs;
    this.#acts = acts;
    this.#heardAt = performance.now();
    if (intervalMs > 0) this.#arm(intervalMs);
  }

  /** Something came from the peer. */
  heard(): void {
    this.#heardAt = performance.now();
    this.#askedAt = undefined;
  }

  /** This side stops reading, or reads again. */
  setDeaf(deaf: boolean): void {
    if (this.#deaf && !deaf) this.heard();
    this.#deaf = deaf;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(delayMs: number): void {
    this.#dueAt = performance.now() + delayMs;
    this.#timer = setTimeout(() => this.#fire(), delayMs);
    this.#timer.unref?.();
  }

  #fire(): void {
    const now = performance.now();
    if (this.#deaf) {
      this.#acts.show();
      this.#arm(this.#intervalMs / 2);
      return;
    }
    const overslept = now - this.#dueAt > this.#intervalMs / 2;
    const since = overslept ? now : (this.#askedAt ?? this.#heardAt);
    const leftMs = this.#intervalMs - (now - since);
    // Timers may fire a little early.
    if (leftMs > 1) {
      if (this.#askedAt !== undefined) this.#askedAt = since;
      this.#arm(leftMs);
    } else if (this.#askedAt === undefined) {
      this.#askedAt = now;
      this.#arm(this.#intervalMs);
      this.#acts.ask();
    } else {
      this.#timer = undefined;
      this.#acts.lost(Math.round(now - this.#heardAt));
    }
  }
}
