/** As much of frames may lie in memory that the guest has not taken yet. What is more goes through the ring, whose end is its own limit. */
const MOST_BYTES = 2 ** 26;

/** Frames of one connection that went through shared memory. */
export interface SpilledFrames {
  readonly sent: number;
  readonly received: number;
  /** Bytes that the guest has not let go of. */
  readonly heldBytes: number;
  /** Large frames that went through the ring after all, as memory was full or the policy against it. */
  readonly fallbacks: number;
}

/** What frames hold of shared memory until their receiver has them. */
export class FrameRoom {
  readonly #held = new Map<number, number>();
  #heldBytes = 0;
  #sent = 0;
  #received = 0;
  #fallbacks = 0;

  /** Whether one more frame may lie in memory. One alone may be as large as it likes. */
  hasRoom(byteLength: number): boolean {
    const hasRoom = this.#heldBytes === 0 || this.#heldBytes + byteLength <= MOST_BYTES;
    if (!hasRoom) this.#fallbacks += 1;
    return hasRoom;
  }

  sent(generation: number, byteLength: number): void {
    this.#held.set(generation, byteLength);
    this.#heldBytes += byteLength;
    this.#sent += 1;
  }

  received(): void {
    this.#received += 1;
  }

  failed(): void {
    this.#fallbacks += 1;
  }

  /** The guest let go of memory, whatever it held. */
  released(generation: number): void {
    const byteLength = this.#held.get(generation);
    if (byteLength === undefined) return;
    this.#held.delete(generation);
    this.#heldBytes -= byteLength;
  }

  figures(): SpilledFrames {
    return {
      sent: this.#sent,
      received: this.#received,
      heldBytes: this.#heldBytes,
      fallbacks: this.#fallbacks,
    };
  }
}
