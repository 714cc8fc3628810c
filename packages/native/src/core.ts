import { type Binding, RING_TOO_LARGE } from "./binding.ts";
import { guard, recordTooLarge } from "./failure.ts";
import { Region } from "./region.ts";
import type { RingConsumer, RingProducer } from "./ring.ts";
import {
  type ExchangeOutcome,
  exchangeOutcome,
  type RingWait,
  spinNs,
  timeoutNs,
} from "./ring-wait.ts";
import { RingWatch, type RingWatchOptions } from "./ring-watch.ts";
import { createPair, Doorbell, type DoorbellPair, Watch } from "./watch.ts";

/** Most descriptors of one message that Linux takes. */
const MAX_DESCRIPTORS = 253;

/** Who connected the other end of a Unix socket. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

export interface ReceivedDescriptors {
  /** Bytes that came; 0: the peer closed. */
  readonly byteLength: number;
  /** Yours to close. They are closed on exec. */
  readonly descriptors: readonly number[];
}

/**
 * What the operating system can do and Node cannot reach: shared memory, descriptors, futexes, credentials.
 *
 * Failures of the system are `NATIVE_CALL_FAILED`; the use of something closed is `NATIVE_CLOSED`.
 */
export class NativeCore {
  readonly #binding: Binding;

  constructor(binding: Binding) {
    this.#binding = binding;
  }

  /** New shared memory of zeros. Pages are taken when they are touched, so size costs nothing. */
  createRegion(byteLength: number): Region {
    const handle = guard("create region", () => this.#binding.regionCreate(byteLength));
    return new Region(this.#binding, handle);
  }

  /**
   * Maps memory that another process made. The region owns the descriptor from then on; after a refusal you do.
   *
   * @param byteLength what the peer says its size is
   * @throws MEMORY_REFUSED when touching it could end this process
   */
  adoptRegion(descriptor: number, byteLength: number): Region {
    if (!(byteLength >= 1)) {
      throw new RangeError(`Cannot adopt region: byteLength must be at least 1, got ${byteLength}`);
    }
    const handle = guard("adopt region", () => this.#binding.regionAdopt(descriptor, byteLength));
    return new Region(this.#binding, handle);
  }

  /** Two connected Unix stream sockets, closed on exec. */
  socketPair(): readonly [number, number] {
    const pair = new Int32Array(2);
    guard("open socket pair", () => this.#binding.socketPair(pair));
    const [first = -1, second = -1] = pair;
    return [first, second];
  }

  /** Sends bytes, at least one, and descriptors with the first of them. Bytes sent; undefined: it would block. */
  sendDescriptors(
    socket: number,
    bytes: Uint8Array,
    descriptors: readonly number[],
  ): number | undefined {
    const sent = guard("send descriptors", () =>
      this.#binding.descriptorSend(socket, bytes, Int32Array.from(descriptors)),
    );
    return sent < 0 ? undefined : sent;
  }

  /**
   * Takes bytes, and up to `maxDescriptors` descriptors; undefined: nothing is there. A message with more of them is
   * refused with EMSGSIZE, and all of its descriptors are closed.
   */
  receiveDescriptors(
    socket: number,
    target: Uint8Array,
    maxDescriptors: number,
  ): ReceivedDescriptors | undefined {
    const places = new Int32Array(Math.min(maxDescriptors, MAX_DESCRIPTORS) + 1);
    const byteLength = guard("receive descriptors", () =>
      this.#binding.descriptorReceive(socket, target, places),
    );
    if (byteLength < 0) return undefined;
    return { byteLength, descriptors: [...places.subarray(0, places.at(-1))] };
  }

  /** A second descriptor of the same thing, closed on exec. */
  duplicate(descriptor: number): number {
    return guard("duplicate descriptor", () => this.#binding.descriptorDuplicate(descriptor));
  }

  closeDescriptor(descriptor: number): void {
    guard("close descriptor", () => this.#binding.descriptorClose(descriptor));
  }

  /** Calls `listener` on the event loop whenever the descriptor is readable. */
  watch(descriptor: number, listener: () => void): Watch {
    return new Watch(this.#binding, descriptor, false, listener);
  }

  /** A new doorbell; `listener` is called on the event loop after it was rung. */
  openDoorbell(listener: () => void): Doorbell {
    return new Doorbell(this.#binding, listener);
  }

  /** A new doorbell whose two ends share nothing but the rings: a peer that has one cannot block the other. */
  createDoorbellPair(): DoorbellPair {
    return createPair(this.#binding);
  }

  /**
   * Calls `listener` on the event loop whenever there is something in a ring, and when room came that was asked for.
   * The first look is before the event loop sleeps next.
   */
  watchRing(options: RingWatchOptions, listener: () => void): RingWatch {
    return new RingWatch(this.#binding, options, listener);
  }

  /**
   * Sends a record and blocks this thread until the next one comes back, which goes to the start of `target`.
   *
   * Its length; or "no-room": nothing was sent; or why there is no answer although the record was sent: "timeout",
   * "peer-gone" and "interrupted" (see {@link RingWait}). The answer may come later all the same, except from a peer
   * that is gone. Signals are served afterwards.
   *
   * @throws RING_CORRUPT, RING_RECORD_TOO_LARGE (the record, which is not sent; or the answer, which stays where it is)
   */
  exchange(
    producer: RingProducer,
    consumer: RingConsumer,
    record: Uint8Array,
    target: Uint8Array,
    options: RingWait = {},
  ): ExchangeOutcome {
    const { liveness = -1, interrupt = null } = options;
    const spin = spinNs(options);
    const timeout = timeoutNs(options);
    const from = producer.handle;
    const to = consumer.handle;
    const status = guard("exchange records", () =>
      this.#binding.ringExchange(from, to, record, target, spin, timeout, liveness, interrupt),
    );
    if (status !== RING_TOO_LARGE) return exchangeOutcome(status);
    const longest = producer.longestRecord;
    if (record.length > longest) throw recordTooLarge(record.length, longest);
    throw recordTooLarge(consumer.nextLength() ?? 0, target.length);
  }

  /** Rings a peer's doorbell. */
  ringDoorbell(descriptor: number): void {
    this.#binding.doorbellRing(descriptor);
  }

  /** Who is at the other end of a connected Unix socket, as the kernel says. */
  peerOf(socket: number): PeerCredentials {
    const peer = new Int32Array(3);
    guard("identify peer", () => this.#binding.peerOf(socket, peer));
    const [pid = 0, uid = 0, gid = 0] = peer;
    return { pid, uid: uid >>> 0, gid: gid >>> 0 };
  }
}
