import type { RingConsumer, RingPause, RingWait } from "@amphis/native";

/** Bytes are taken into slabs of this size, one piece after the other. */
const SLAB_BYTES = 0x1_0000;
/** With less room than this, a new slab is begun. */
const MIN_ROOM_BYTES = 0x1000;
const AT_ONCE: RingWait = { timeoutMs: 0 };
const NOTHING: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** Bytes that come out of a ring, until the peer says that nothing more comes. */
export class RingReader {
  readonly #ring: RingConsumer;
  #slab = NOTHING;
  /** Bytes of the slab that were handed out. */
  #used = 0;
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
    const chunk = this.receive(AT_ONCE);
    if (chunk instanceof Uint8Array) return chunk;
    return chunk === "other" ? this.#takeOther() : undefined;
  }

  #takeOther(): Uint8Array | undefined {
    const next = this.#hasEnded ? undefined : this.#ring.nextLength();
    if (next === undefined) return undefined;
    if (next === 0) {
      this.#ring.pop(NOTHING);
      this.#hasEnded = true;
      return undefined;
    }
    this.#makeRoom(next);
    return this.#chunk(this.#ring.take(this.#slab, this.#used));
  }

  /**
   * Blocks this thread until there are bytes, and takes them.
   *
   * @returns the bytes; "other": what comes next, if anything does, is for `take`; or why nothing came
   */
  receive(wait: RingWait): Uint8Array | RingPause | "other" {
    if (this.#hasEnded) return "other";
    this.#makeRoom(0);
    const length = this.#ring.receive(this.#slab, this.#used, wait);
    if (typeof length === "string") return length;
    return length === 0 ? "other" : this.#chunk(length);
  }

  /** Only a peer of another make writes records that are longer than a slab. */
  #makeRoom(next: number): void {
    if (this.#slab.length - this.#used >= Math.max(next, MIN_ROOM_BYTES)) return;
    this.#slab = new Uint8Array(Math.max(next, SLAB_BYTES));
    this.#used = 0;
  }

  #chunk(length: number): Uint8Array {
    const chunk = new Uint8Array(this.#slab.buffer, this.#used, length);
    this.#used += length;
    return chunk;
  }
}
