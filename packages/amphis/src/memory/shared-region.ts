import type { NativeCore, Region as NativeRegion } from "@amphis/native";
import { AmphisError } from "@amphis/protocol";

import type { Region } from "./region.ts";

/** Up to here it is not worth asking how much memory is left. */
const UNASKED_BYTES = 16 * 2 ** 20;
/** The rest is left to others. */
const MOST_OF_AVAILABLE = 0.9;

/** Memory that other processes can map who are given its descriptor. */
export class SharedRegion implements Region {
  readonly id: number;
  readonly bytes: number;
  readonly canRevoke = true;
  readonly #native: NativeRegion;
  readonly #onClosed: (region: SharedRegion) => void;

  private constructor(id: number, native: NativeRegion, onClosed: (region: SharedRegion) => void) {
    this.id = id;
    this.bytes = native.byteLength;
    this.#native = native;
    this.#onClosed = onClosed;
  }

  /** @throws {AmphisError} MEMORY_EXHAUSTED when the system gives none */
  static open(
    core: NativeCore,
    id: number,
    bytes: number,
    onClosed: (region: SharedRegion) => void,
  ): SharedRegion {
    try {
      return new SharedRegion(id, core.createRegion(bytes), onClosed);
    } catch (cause) {
      const message = `Cannot open region of ${bytes} bytes: the system gives no memory`;
      throw new AmphisError(
        "MEMORY_EXHAUSTED",
        message,
        { requested: bytes, available: 0 },
        { cause },
      );
    }
  }

  /** For those it is shared with; valid until it is closed. */
  get descriptor(): number {
    return this.#native.descriptor;
  }

  /** One buffer for each window, so that each can be taken back; the system shows at most 4 GiB in one. */
  window(offset: number, length: number): Uint8Array {
    return length === 0 ? new Uint8Array(0) : new Uint8Array(this.#native.view(offset, length));
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#native.write(offset, bytes);
  }

  revoke(buffer: ArrayBufferLike): void {
    if (buffer instanceof ArrayBuffer && buffer.byteLength > 0) this.#native.detach(buffer);
  }

  reserve(offset: number, length: number): void {
    // The system promises more than it has, and ends whichever process it likes when that is used.
    if (length > UNASKED_BYTES && length > process.availableMemory() * MOST_OF_AVAILABLE) {
      throw new Error("the system has not so much memory left");
    }
    this.#native.reserve(offset, length);
  }

  punch(offset: number, length: number): void {
    this.#native.punchHole(offset, length);
  }

  close(): void {
    this.#onClosed(this);
    this.#native.close();
  }
}
