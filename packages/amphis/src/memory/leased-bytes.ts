import type { Lease } from "./lease.ts";
import type { TensorMemory } from "./tensor.ts";

/** A part of what a lease lends, with the share that shows it. */
export class LeasedBytes implements TensorMemory, Disposable {
  readonly lease: Lease;
  readonly #start: number;
  readonly #end: number;

  /** That the part lies inside of the lease was proven when the reference was accepted. */
  constructor(lease: Lease, byteOffset: number, byteLength: number) {
    this.lease = lease;
    this.#start = byteOffset;
    this.#end = byteOffset + byteLength;
  }

  /** Where in the lease the part begins. */
  get byteOffset(): number {
    return this.#start;
  }

  get byteLength(): number {
    return this.#end - this.#start;
  }

  /** @throws {AmphisError} LEASE_RELEASED */
  get bytes(): Uint8Array {
    const { bytes } = this.lease;
    const isAll = this.#start === 0 && this.#end === bytes.length;
    return isAll ? bytes : bytes.subarray(this.#start, this.#end);
  }

  release(): void {
    this.lease.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
