import { SequenceCheck } from "@amphis/protocol";

import { afterEnd, overrun } from "./errors.ts";

/**
 * What may come to a reader and has come: the credit that it gave, and the order. Sends nothing itself.
 *
 * Chunks that may come, that wait, and the one in the consumer's hand are never more than `window` together.
 */
export class Inflow {
  readonly #window: number;
  readonly #check = new SequenceCheck();
  #hasBegun = false;
  #hasEnded = false;
  /** Chunks that may still come. */
  #credit = 0;
  /** Chunks that were used up since credit was given. */
  #used = 0;

  constructor(window: number) {
    this.#window = window;
  }

  /** The consumer asks for the first time. @returns credit to give; 0: none */
  begin(): number {
    if (this.#hasBegun || this.#hasEnded) return 0;
    this.#hasBegun = true;
    this.#credit = this.#window;
    return this.#window;
  }

  /** A chunk came. @throws {AmphisError} CHUNK_STREAM_ENDED, SEQUENCE_BROKEN, CHUNK_STREAM_OVERRUN */
  arrive(sequence: number): void {
    if (this.#hasEnded) throw afterEnd(`take chunk ${sequence}`);
    this.#check.item(sequence);
    if (this.#credit === 0) throw overrun(sequence, this.#window);
    this.#credit -= 1;
  }

  /** All chunks came. @throws {AmphisError} CHUNK_STREAM_ENDED; SEQUENCE_BROKEN when some are missing */
  end(sequence: number): void {
    if (this.#hasEnded) throw afterEnd("take its end");
    this.#check.end(sequence);
    this.#hasEnded = true;
  }

  /** The consumer is done with a chunk. @returns credit to give: for half a window at once, so that few frames say so; 0: none yet */
  use(): number {
    this.#used += 1;
    if (this.#hasEnded || this.#used * 2 < this.#window) return 0;
    const count = this.#used;
    this.#used = 0;
    this.#credit += count;
    return count;
  }
}
