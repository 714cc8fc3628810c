import { AmphisError } from "@amphis/protocol";

import { type Binding, RING_CORRUPT } from "./binding.ts";
import { guard, recordTooLarge, ringCorrupt, told } from "./failure.ts";
import { type RingOutcome, type RingWait, spinNs, timeoutNs, waitOutcome } from "./ring-wait.ts";

export interface RingPlace {
  /** Start of the ring in the region; a multiple of 128. */
  readonly offset: number;
  /** Bytes from there that belong to the ring; its header says how many it uses. */
  readonly byteLength: number;
  /** Descriptor of the peer's doorbell; rung when the peer sleeps in its event loop. @default none */
  readonly doorbell?: number | undefined;
}

/** What both sides of a ring have. */
export abstract class RingSide implements Disposable {
  protected readonly binding: Binding;
  /** Number of the native object, for the classes of this package. */
  readonly handle: number;
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

  protected waitFor(length: number, options: RingWait): RingOutcome {
    this.expectLength(length);
    const { liveness = -1, interrupt = null } = options;
    const spin = spinNs(options);
    const timeout = timeoutNs(options);
    const { binding, handle } = this;
    try {
      return waitOutcome(binding.ringWait(handle, length, spin, timeout, liveness, interrupt));
    } catch (thrown) {
      throw told("wait for ring", thrown);
    }
  }

  protected armFor(length: number): boolean {
    this.expectLength(length);
    const status = guard("arm ring", () => this.binding.ringArm(this.handle, length));
    if (status === RING_CORRUPT) throw ringCorrupt();
    return status >= 0;
  }

  /** @throws RING_RECORD_TOO_LARGE: room for that many bytes never comes */
  protected expectLength(length: number): void {
    if (length > this.longestRecord) throw recordTooLarge(length, this.longestRecord);
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
