import { type Binding, RING_CORRUPT, RING_PENDING, RING_TOO_LARGE } from "./binding.ts";
import { recordTooLarge, ringCorrupt, told } from "./failure.ts";
import { type RingPlace, RingSide } from "./ring-side.ts";
import {
  pauseOf,
  type RingOutcome,
  type RingPause,
  type RingWait,
  spinNs,
  timeoutNs,
} from "./ring-wait.ts";

/** The side that writes. Never blocks but in {@link wait}. */
export class RingProducer extends RingSide {
  constructor(binding: Binding, region: number, place: RingPlace) {
    super(binding, region, place, true);
  }

  /**
   * Copies a record in and wakes the consumer if it sleeps; false: there is no room now.
   *
   * @throws RING_CORRUPT, RING_RECORD_TOO_LARGE
   */
  push(record: Uint8Array): boolean {
    let status: number;
    try {
      status = this.binding.ringPush(this.handle, record);
    } catch (thrown) {
      throw told("push record", thrown);
    }
    if (status >= 0) return true;
    if (status === RING_CORRUPT) throw ringCorrupt();
    this.expectLength(record.length);
    return false;
  }

  /**
   * Blocks this thread until a record of `byteLength` fits. Signals are served afterwards.
   *
   * @throws RING_CORRUPT, RING_RECORD_TOO_LARGE
   */
  wait(byteLength: number, options: RingWait = {}): RingOutcome {
    return this.waitFor(byteLength, options);
  }

  /**
   * Asks for one ring of the own doorbell when there may be room; true: there is, and nothing was asked. A {@link wait}
   * takes the request back.
   *
   * @throws RING_CORRUPT, RING_RECORD_TOO_LARGE
   */
  arm(byteLength: number): boolean {
    return this.armFor(byteLength);
  }
}

/** The side that reads. Never blocks but in {@link wait}. */
export class RingConsumer extends RingSide {
  constructor(binding: Binding, region: number, place: RingPlace) {
    super(binding, region, place, false);
  }

  /** Bytes of the next record; undefined: there is none. @throws RING_CORRUPT */
  nextLength(): number | undefined {
    let length: number;
    try {
      length = this.binding.ringNext(this.handle);
    } catch (thrown) {
      throw told("read record", thrown);
    }
    if (length === RING_CORRUPT) throw ringCorrupt();
    return length < 0 ? undefined : length;
  }

  /**
   * Copies the next record to the start of `target` and returns its length; undefined: there is none.
   *
   * @throws RING_CORRUPT, RING_RECORD_TOO_LARGE (the record stays where it is)
   */
  pop(target: Uint8Array): number | undefined {
    let length: number;
    try {
      length = this.binding.ringPop(this.handle, target);
    } catch (thrown) {
      throw told("pop record", thrown);
    }
    if (length >= 0) return length;
    if (length === RING_CORRUPT) throw ringCorrupt();
    if (length === RING_TOO_LARGE) throw this.#longerThan(target.length);
    return undefined;
  }

  /**
   * Copies the payloads of whole records to `target` from `start` on, one right after the other, until one does not fit or
   * none is there, and returns how many bytes that were. Far cheaper than a {@link pop} for each.
   *
   * Stops before an empty record, which means something of its own (in spec/channel.md the end of the stream). So 0 has
   * two meanings, and `nextLength()` tells them apart: `undefined`, nothing is there; 0, an empty record is next, and
   * `pop` takes it.
   *
   * @throws RING_CORRUPT, RING_RECORD_TOO_LARGE (the first record is longer than the room; it stays where it is)
   */
  take(target: Uint8Array, start = 0): number {
    let bytes: number;
    try {
      bytes = this.binding.ringTake(this.handle, target, start);
    } catch (thrown) {
      throw told("take records", thrown);
    }
    if (bytes >= 0) return bytes;
    if (bytes === RING_PENDING) return 0;
    throw bytes === RING_TOO_LARGE ? this.#longerThan(target.length - start) : ringCorrupt();
  }

  /**
   * Blocks this thread until there is a record, and takes it and what follows as {@link take} does; in one step. 0: what
   * comes first is an empty record, or one that is longer than the room.
   *
   * @returns how many bytes, or why there are none
   * @throws RING_CORRUPT
   */
  receive(target: Uint8Array, start: number, options: RingWait = {}): number | RingPause {
    const { liveness = -1, interrupt = null } = options;
    const spin = spinNs(options);
    const timeout = timeoutNs(options);
    const { binding, handle } = this;
    let bytes: number;
    try {
      bytes = binding.ringReceive(handle, target, start, spin, timeout, liveness, interrupt);
    } catch (thrown) {
      throw told("receive records", thrown);
    }
    if (bytes >= 0) return bytes;
    return bytes === RING_PENDING || bytes === RING_TOO_LARGE ? 0 : pauseOf(bytes);
  }

  /** Blocks this thread until there is a record. Signals are served afterwards. @throws RING_CORRUPT */
  wait(options: RingWait = {}): RingOutcome {
    return this.waitFor(0, options);
  }

  /** Asks for one ring of the own doorbell at the next record; true: there is one already, and nothing was asked. */
  arm(): boolean {
    return this.armFor(0);
  }

  #longerThan(room: number): Error {
    return recordTooLarge(this.nextLength() ?? 0, room);
  }
}
