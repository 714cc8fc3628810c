import { AmphisError } from "@amphis/protocol";

import type { Hold } from "./holder.ts";
import type { Anchor } from "./lease-net.ts";

/** What a lease asks of its arena. */
export interface LeaseOwner {
  releaseHold(hold: Hold, anchor: Anchor | undefined): void;
  retainHold(hold: Hold, holder: number, isForgettable: boolean): Lease;
  publishHold(hold: Hold): void;
}

class Given {
  constructor(given: object) {
    return given;
  }
}

/**
 * Puts the anchor of a lease on what shows its memory, unseen: the memory of a lease that was forgotten is given back when its anchor is
 * collected, and nothing that shows it must outlive it. A private field costs 36 ns, an entry of a WeakMap 290 ns.
 */
class Anchored extends Given {
  // oxlint-disable-next-line no-unused-private-class-members -- to be held is its use
  readonly #anchor: Anchor | undefined;

  constructor(shown: object, anchor: Anchor | undefined) {
    super(shown);
    this.#anchor = anchor;
  }

  /** Something is anchored once. */
  static put(shown: object, anchor: Anchor | undefined): object {
    return #anchor in shown ? shown : new Anchored(shown, anchor);
  }
}

/**
 * A share in a piece of shared memory.
 *
 * It is released exactly once, by `release` or `using`; more releases do nothing. The memory goes back when all shares are released. From
 * then on `bytes` and `checked` are refused with LEASE_RELEASED. A view taken before is emptied where the platform can take it back
 * (`region.canRevoke`), with every array over its buffer; elsewhere it shows memory that somebody else may have, so whoever may outlive the
 * lease uses `checked`. Views hold the lease: where they can be taken back all of them, elsewhere only what `bytes` gives, not its `subarray`.
 */
export class Lease implements Disposable, AsyncDisposable {
  readonly #owner: LeaseOwner;
  readonly #hold: Hold;
  #anchor: Anchor | undefined;
  #window: Uint8Array | undefined;

  /** Made by an arena. */
  constructor(owner: LeaseOwner, hold: Hold, anchor: Anchor) {
    this.#owner = owner;
    this.#hold = hold;
    this.#anchor = anchor;
  }

  /** The region, as references name it. */
  get arena(): number {
    return this.#hold.grant.extent.region.id;
  }

  get offset(): number {
    return this.#hold.grant.extent.offset;
  }

  get byteLength(): number {
    return this.#hold.grant.byteLength;
  }

  get generation(): number {
    return this.#hold.grant.generation;
  }

  get holder(): number {
    return this.#hold.holder.id;
  }

  /** Whether it is a share in memory of this arena. */
  isOf(arena: LeaseOwner): boolean {
    return this.#owner === arena;
  }

  get isReleased(): boolean {
    return this.#hold.isReleased;
  }

  /**
   * The memory, without a copy; not zeroed.
   *
   * @throws {AmphisError} LEASE_RELEASED
   */
  get bytes(): Uint8Array {
    this.check();
    return (this.#window ??= this.#open(0, this.byteLength));
  }

  /**
   * A part of the memory, without a copy, for memory that is larger than one array can be (4 GiB).
   *
   * @throws {AmphisError} LEASE_RELEASED
   * @throws {RangeError} when the part is not inside
   */
  window(byteOffset: number, byteLength: number): Uint8Array {
    this.check();
    const isInside =
      Number.isSafeInteger(byteOffset) &&
      Number.isSafeInteger(byteLength) &&
      byteOffset >= 0 &&
      byteLength >= 0 &&
      byteLength <= this.byteLength - byteOffset;
    if (isInside) return this.#open(byteOffset, byteLength);
    throw new RangeError(
      `Cannot show ${byteLength} bytes from ${byteOffset}: the lease has ${this.byteLength}`,
    );
  }

  /**
   * Copies bytes in; cheaper than by way of {@link bytes}, which shows all of the memory to the program.
   *
   * @throws {AmphisError} LEASE_RELEASED
   * @throws {RangeError} when they do not fit there
   */
  write(bytes: Uint8Array, byteOffset = 0): void {
    this.check();
    const isInside = Number.isSafeInteger(byteOffset) && byteOffset >= 0;
    if (!isInside || bytes.length > this.byteLength - byteOffset) {
      throw new RangeError(
        `Cannot write ${bytes.length} bytes at ${byteOffset}: the lease has ${this.byteLength}`,
      );
    }
    const { region, offset } = this.#hold.grant.extent;
    if (bytes.length > 0) region.write(offset + byteOffset, bytes);
  }

  /** Access that asks each time whether the lease still stands. */
  get checked(): CheckedBytes {
    return new CheckedBytes(this);
  }

  /**
   * Another share in the same memory, to be released by itself.
   *
   * @param holder who has it; whoever has this one when absent
   * @param isForgettable whether it is left to the collector as a rule, who then warns of nothing
   * @throws {AmphisError} LEASE_RELEASED
   */
  retain(holder: number = this.holder, isForgettable = false): Lease {
    this.check();
    return this.#owner.retainHold(this.#hold, holder, isForgettable);
  }

  /**
   * Lets references name this memory until it goes back.
   *
   * @throws {AmphisError} LEASE_RELEASED
   */
  publish(): void {
    this.check();
    this.#owner.publishHold(this.#hold);
  }

  release(): void {
    if (!this.#hold.isReleased) this.#owner.releaseHold(this.#hold, this.#anchor);
    this.#anchor = undefined;
    this.#window = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
  }

  #open(byteOffset: number, byteLength: number): Uint8Array {
    const { extent } = this.#hold.grant;
    const window = extent.region.window(extent.offset + byteOffset, byteLength);
    if (extent.region.canRevoke) {
      Anchored.put(window.buffer, this.#anchor);
      (this.#hold.buffers ??= []).push(new WeakRef(window.buffer));
    } else {
      Anchored.put(window, this.#anchor);
    }
    return window;
  }

  /** @throws {AmphisError} LEASE_RELEASED */
  check(): void {
    if (!this.#hold.isReleased) return;
    const { arena, generation } = this;
    const { site } = this.#hold.grant;
    throw new AmphisError(
      "LEASE_RELEASED",
      `Cannot use memory: its lease was released${site === undefined ? "" : `; allocated ${site}`}`,
      { arena, generation },
    );
  }
}

/** The bytes of a lease, one access at a time; each is refused with LEASE_RELEASED once the lease is released. */
export class CheckedBytes {
  readonly #lease: Lease;

  constructor(lease: Lease) {
    this.#lease = lease;
  }

  get length(): number {
    return this.#lease.bytes.length;
  }

  /** The byte there; undefined beyond the end. */
  at(index: number): number | undefined {
    return this.#lease.bytes[index];
  }

  /** A copy of a part. */
  read(start = 0, end: number = this.length): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#lease.bytes.subarray(start, end));
  }

  /** @throws {RangeError} when the bytes do not fit there */
  write(bytes: Uint8Array, offset = 0): void {
    this.#lease.bytes.set(bytes, offset);
  }
}
