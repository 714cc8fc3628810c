import { joinRound, leaveRound } from "./heartbeat-round.ts";

/** Whom a heartbeat acts upon. */
export interface HeartbeatActs {
  /** Asks the peer for a sign of life. */
  ask(): void;
  /** Gives a sign of life, unasked, while this side does not read and so cannot be asked. */
  show(): void;
  /** Nothing came for too long. */
  lost(silentMs: number): void;
}

/**
 * Finds peers that are gone without a word.
 *
 * A peer that was silent for `intervalMs` is asked; one that stays silent for as long again is lost. Both are noticed up to a quarter of
 * the interval late. Silence counts only while this side reads and was itself awake: bytes that wait in the socket of a process that slept
 * are a sign of life too.
 */
export class Heartbeat {
  readonly #intervalMs: number;
  readonly #acts: HeartbeatActs;
  #heardAt: number = performance.now();
  /** When the peer was asked; not after `#heardAt` when it has answered. */
  #askedAt = 0;
  #deaf = false;

  constructor(intervalMs: number, acts: HeartbeatActs) {
    this.#intervalMs = intervalMs;
    this.#acts = acts;
    if (intervalMs > 0) joinRound(intervalMs, this);
  }

  /** Milliseconds since something came; 0 while this side does not read. */
  get silentMs(): number {
    return this.#deaf ? 0 : performance.now() - this.#heardAt;
  }

  /** Something came from the peer. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** This side stops reading, or reads again. */
  setDeaf(deaf: boolean): void {
    if (this.#deaf && !deaf) this.heard();
    this.#deaf = deaf;
  }

  stop(): void {
    if (this.#intervalMs > 0) leaveRound(this.#intervalMs, this);
  }

  /** Looks at the peer; silence before `awakeAt` does not count. */
  check(now: number, awakeAt: number): void {
    if (this.#deaf) {
      this.#acts.show();
      return;
    }
    const since = Math.max(this.#heardAt, this.#askedAt, awakeAt);
    if (now - since < this.#intervalMs) return;
    if (this.#askedAt <= this.#heardAt) {
      this.#askedAt = now;
      this.#acts.ask();
    } else {
      this.stop();
      this.#acts.lost(Math.round(now - this.#heardAt));
    }
  }
}
