import type { Connection } from "../../transport/index.ts";
import type { SyncSink } from "./sync-sink.ts";

/** A worker may send without end; each round takes as much as a ring holds. */
const MOST_ROUNDS = 64;
/** Longest wait that the system takes. */
const MAX_WAIT_MS = 0x7fff_ffff;

/** Takes what comes over a connection with the thread that wants it, and not when the event loop gets to it. */
export class Pump {
  readonly #connection: Connection;
  /** How many calls block this thread, one within the other. */
  #depth = 0;
  #canBlock = false;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether a call blocks this thread. */
  get isBlocking(): boolean {
    return this.#depth > 0;
  }

  /** Whether the transport lets a thread wait in it. */
  canBlock(): boolean {
    if (this.#canBlock) return true;
    try {
      this.#connection.pump?.(0);
      this.#canBlock = this.#connection.pump !== undefined;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    return this.#canBlock;
  }

  /** Blocks this thread until there is an answer. Callbacks and other answers are handled meanwhile; no promise, timer or other event is. */
  block(sink: SyncSink, timeoutMs: number): "answered" | "late" | "closed" {
    this.#depth += 1;
    try {
      return this.#wait(sink, timeoutMs);
    } finally {
      this.#depth -= 1;
    }
  }

  /** Takes all that was sent by now. @returns false where that cannot be known */
  takeSent(): boolean {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      try {
        if (this.#connection.pump?.(0) !== true) return this.#connection.pump !== undefined;
      } catch (error) {
        if (error instanceof TypeError) return false;
        throw error;
      }
    }
    return false;
  }

  #wait(sink: SyncSink, timeoutMs: number): "answered" | "late" | "closed" {
    const deadline = timeoutMs === Infinity ? Infinity : performance.now() + timeoutMs;
    while (!sink.isSettled) {
      // For ever costs no look at the clock.
      const leftMs = deadline === Infinity ? Infinity : deadline - performance.now();
      if (leftMs <= 0) return "late";
      const waitMs = leftMs === Infinity ? Infinity : Math.min(leftMs, MAX_WAIT_MS);
      const isOver = this.#connection.pump?.(waitMs) !== true;
      if (isOver && !sink.isSettled && performance.now() < deadline) return "closed";
    }
    return "answered";
  }
}
