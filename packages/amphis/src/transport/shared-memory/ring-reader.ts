import type { RingConsumer } from "@amphis/native";

/** Bytes are taken into slabs of this size, one piece after the other. */
const SLAB_BYTES = 0x1_0000;
/** With less room than this, a new slab is begun. */
const MIN_ROOM_BYTES = 0x1000;
const NOTHING = new Uint8Array(0);

/** Bytes that come out of a ring, until the peer says that nothing more comes. */
export class RingReader {
  readonly #ring: RingConsumer;
  #room: Uint8Array = NOTHING;
  #hasEnded = false;

  constructor(ring: RingConsumer) {
    this.#ring = ring;
  }

  /** Whether the peer has said that nothing more comes, and everything before it was taken. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The next bytes, which are the caller's; undefined: there are none now, or none any more. */
  take(): Uint8Array | undefined {
    const next = this.#hasEnded ? undefined : this.#ring.nextLength();
    if (next === undefined) return undefined;
    if (next === 0) {
      this.#ring.pop(NOTHING);
      this.#hasEnded = true;
      return undefined;
    }
    // Only a peer of another make writes records that are longer than a slab.
    if (this.#room.length < Math.max(next, MIN_ROOM_BYTES)) {
      this.#room = new Uint8Array(Math.max(next, SLAB_BYTES));
    }
    const length = this.#ring.take(this.#room);
    const chunk = this.#room.subarray(0, length);
    this.#room = this.#room.subarray(length);
    return chunk;
  }
}
