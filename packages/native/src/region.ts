import type { Binding } from "./binding.ts";
import { guard } from "./failure.ts";
import { RingConsumer, RingProducer } from "./ring.ts";
import type { RingPlace } from "./ring-side.ts";
import { FOREVER_NS, nanoseconds } from "./time.ts";

/** Largest view: one byte less than 4 GiB, the most that every supported Node takes. */
export const MAX_VIEW_BYTES = 0xffff_ffff;

/** Native code takes lengths of 32 bits. */
const MAX_PIECE_BYTES = 0x4000_0000;

/** How a sleep on a word ended. A sleeper may be woken for nothing. */
export type FutexOutcome = "woken" | "changed" | "timeout";

/**
 * Memory that processes share. Its size never changes, and nobody finds it who was not given its descriptor.
 *
 * Views, producers and consumers keep the mapping: closing the region before them is harmless.
 */
export class Region implements Disposable {
  readonly #binding: Binding;
  readonly #handle: number;
  /** Valid until the region is closed, which closes it. */
  readonly descriptor: number;
  readonly byteLength: number;
  #closed = false;

  constructor(binding: Binding, handle: number) {
    this.#binding = binding;
    this.#handle = handle;
    this.descriptor = binding.regionDescriptor(handle);
    this.byteLength = binding.regionBytes(handle);
  }

  /**
   * The bytes themselves as an `ArrayBuffer`, at most {@link MAX_VIEW_BYTES}. What other processes write shows at once.
   *
   * Costs far more than a typed array over it: make few views and many typed arrays.
   */
  view(offset: number, byteLength: number): ArrayBuffer {
    if (!(byteLength >= 1 && byteLength <= MAX_VIEW_BYTES)) {
      throw new RangeError(
        `Cannot view region: byteLength must be between 1 and ${MAX_VIEW_BYTES}, got ${byteLength}`,
      );
    }
    return guard("view region", () => this.#binding.regionView(this.#handle, offset, byteLength));
  }

  /** Takes a view away from every typed array over it: they have no bytes afterwards. */
  detach(view: ArrayBuffer): void {
    guard("detach view", () => this.#binding.viewDetach(view));
  }

  /**
   * Copies bytes in, without a view: a view counts as memory of its size, which the garbage collector answers with a full collection.
   *
   * @throws {RangeError} when they do not fit there
   */
  write(offset: number, bytes: Uint8Array): void {
    if (bytes.length <= MAX_PIECE_BYTES) {
      guard("write to region", () => this.#binding.regionWrite(this.#handle, offset, bytes));
      return;
    }
    for (let at = 0; at < bytes.length; at += MAX_PIECE_BYTES) {
      this.write(offset + at, bytes.subarray(at, at + MAX_PIECE_BYTES));
    }
  }

  /** Gives the whole pages in a span back to the system; the span reads as zeros afterwards, in every process. */
  punchHole(offset: number, byteLength: number): void {
    guard("punch hole", () => this.#binding.regionPunch(this.#handle, offset, byteLength));
  }

  /**
   * Takes the pages of a span from the system now. Where it has none this fails, and not the one who touches them, whom the system would
   * end. What the span holds stays.
   *
   * @throws NATIVE_CALL_FAILED: ENOSPC, ENOMEM
   */
  reserve(offset: number, byteLength: number): void {
    guard("reserve pages", () => this.#binding.regionReserve(this.#handle, offset, byteLength));
  }

  /** Asks for pages of 2 MiB. Whether the system gives any is its own decision; false: it does not know the request. */
  adviseHugePages(): boolean {
    return guard("advise huge pages", () => this.#binding.regionAdviseHuge(this.#handle)) === 0;
  }

  /** Blocks this thread while the 32-bit word is `expected`, for at most `timeoutMs` (Infinity: for ever). */
  futexWait(offset: number, expected: number, timeoutMs: number): FutexOutcome {
    const timeoutNs = nanoseconds("timeoutMs", timeoutMs, FOREVER_NS);
    const error = guard("wait on futex", () =>
      this.#binding.futexWait(this.#handle, offset, expected, timeoutNs),
    );
    if (error === 0 || error === EINTR) return "woken";
    return error === EAGAIN ? "changed" : "timeout";
  }

  /** Wakes up to `count` sleepers, in any process, and returns how many. */
  futexWake(offset: number, count: number): number {
    return guard("wake futex", () => this.#binding.futexWake(this.#handle, offset, count));
  }

  /** Lays an empty ring; `capacity` is a power of two from 64 to 2^30, and 640 bytes stand before it. */
  createRing(offset: number, capacity: number): void {
    const rest = Math.max(0, this.byteLength - offset);
    const status = guard("create ring", () =>
      this.#binding.ringCreate(this.#handle, offset, rest, capacity),
    );
    if (status < 0) {
      throw new RangeError(
        `Cannot create ring: offset must be a multiple of 128, and capacity a power of two that fits, got ${offset} and ${capacity}`,
      );
    }
  }

  /** The writing side of a ring. One at a time, in all processes. @throws RING_CORRUPT when there is none */
  produce(place: RingPlace): RingProducer {
    return new RingProducer(this.#binding, this.#handle, place);
  }

  /** The reading side of a ring. One at a time, in all processes. @throws RING_CORRUPT when there is none */
  consume(place: RingPlace): RingConsumer {
    return new RingConsumer(this.#binding, this.#handle, place);
  }

  /** Closes the descriptor; the memory goes with its last view, ring and process. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#binding.regionClose(this.#handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const EINTR = 4;
const EAGAIN = 11;
