import { AmphisError } from "@amphis/protocol";

import { type Binding, RING_CORRUPT, RING_TOO_LARGE } from "./binding.ts";
import { guard } from "./failure.ts";
import { FOREVER_NS, nanoseconds } from "./time.ts";

export interface RingPlace {
  /** Start of the ring in the region; a multiple of 128. */
  readonly offset: number;
  /** Bytes from there that belong to the ring; its header says how many it uses. */
  readonly byteLength: number;
  /** Descriptor of the peer's doorbell; rung when the peer sleeps in its event loop. @default none */
  readonly doorbell?: number | undefined;
}

export interface RingWait {
  /** Looks at the ring this long before it sleeps, unless the peer runs on the same CPU. @default 0 */
  readonly spinMs?: number | undefined;
  /** @default Infinity */
  readonly timeoutMs?: number | undefined;
}

abstract class RingSide implements Disposable {
  protected readonly binding: Binding;
  protected readonly handle: number;
  /** Longest record that the ring takes, in bytes. */
  readonly longestRecord: number;
  #closed = false;

  constructor(binding: Binding, region: number, place: RingPlace, produces: boolean) {
    const { offset, byteLength, doorbell = -1 } = place;
    this.binding = binding;
    this.handle = guard("open ring", () =>
      binding.ringAttach(region, offset, byteLength, produces, doorbell),
    );
    if (this.handle < 0) {
      const reason = "there is no ring of this version in the memory";
      throw new AmphisError("RING_CORRUPT", `Cannot open ring: ${reason}`, { reason });
    }
    this.longestRecord = binding.ringLongest(this.handle);
  }

  protected waitFor(length: number, { spinMs = 0, timeoutMs = Infinity }: RingWait): boolean {
    const spinNs = nanoseconds("spinMs", spinMs, Number.MAX_SAFE_INTEGER);
    const timeoutNs = nanoseconds("timeoutMs", timeoutMs, FOREVER_NS);
    return guard("wait for ring", () =>
      this.settle(this.binding.ringWait(this.handle, length, spinNs, timeoutNs), length),
    );
  }

  protected armFor(length: number): boolean {
    return guard("arm ring", () => this.settle(this.binding.ringArm(this.handle, length), length));
  }

  /** True: done; false: not now. */
  protected settle(status: number, length: number): boolean {
    if (status >= 0) return true;
    if (status === RING_CORRUPT) throw corrupt();
    if (status === RING_TOO_LARGE) throw tooLarge(length, this.longestRecord);
    return false;
  }

  /** Forgets the ring; the memory and what lies in it stay as they are. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.binding.ringClose(this.handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

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
    const status = guard("push record", () => this.binding.ringPush(this.handle, record));
    return status === 0 || this.settle(status, record.length);
  }

  /** Blocks this thread until a record of `byteLength` fits; false: it does not after `timeoutMs`, or a signal came. */
  wait(byteLength: number, options: RingWait = {}): boolean {
    return this.waitFor(byteLength, options);
  }

  /** Asks for one ring of the own doorbell when there may be room; true: there is, and nothing was asked. */
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
    const length = guard("read record", () => this.binding.ringNext(this.handle));
    if (length >= 0) return length;
    this.settle(length, 0);
    return undefined;
  }

  /**
   * Copies the next record to the start of `target` and returns its length; undefined: there is none.
   *
   * @throws RING_CORRUPT, RING_RECORD_TOO_LARGE (the record stays where it is)
   */
  pop(target: Uint8Array): number | undefined {
    const length = guard("pop record", () => this.binding.ringPop(this.handle, target));
    if (length >= 0) return length;
    if (length === RING_TOO_LARGE) throw tooLarge(this.nextLength() ?? 0, target.length);
    this.settle(length, 0);
    return undefined;
  }

  /** Blocks this thread until there is a record; false: there is none after `timeoutMs`, or a signal came. */
  wait(options: RingWait = {}): boolean {
    return this.waitFor(0, options);
  }

  /** Asks for one ring of the own doorbell at the next record; true: there is one already, and nothing was asked. */
  arm(): boolean {
    return this.armFor(0);
  }
}

function corrupt(): AmphisError {
  const reason = "a position or length in the memory is impossible";
  return new AmphisError("RING_CORRUPT", `Cannot use ring: ${reason}`, { reason });
}

function tooLarge(actual: number, limit: number): AmphisError {
  const message = `Cannot move record: it has ${actual} bytes, and there is room for ${limit}`;
  return new AmphisError("RING_RECORD_TOO_LARGE", message, { actual, limit });
}
