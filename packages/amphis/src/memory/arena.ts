import type { AmphisError } from "@amphis/protocol";

import type { ArenaFigures } from "./arena-figures.ts";
import {
  type ArenaOptions,
  checkBytes,
  checkQuota,
  type ResolvedArenaOptions,
  resolveArenaOptions,
} from "./arena-options.ts";
import { closed, exhausted, quotaExceeded } from "./errors.ts";
import { type Grant, Hold, Holder } from "./holder.ts";
import { Lease, type LeaseOwner } from "./lease.ts";
import { type Anchor, LeaseNet } from "./lease-net.ts";
import { MAX_REGION_BYTES } from "./size-class.ts";
import { SizeCounts } from "./size-counts.ts";
import { Space } from "./space.ts";
import { type Attempt, WaitingLine, type WaitOptions } from "./waiting-line.ts";

export interface AllocateOptions {
  /** Who has the memory: its quota counts, and `releaseAll` finds it. @default 0, this process */
  readonly holder?: number | undefined;
}

export interface AllocateWhenFreeOptions extends AllocateOptions, WaitOptions {}

/** Where the memory of a generation is, for whoever checks a reference. */
export interface PublishedSpan {
  readonly arena: number;
  readonly offset: number;
  readonly byteLength: number;
}

const MAX_GENERATION = 0xffff_ffff;

/**
 * Lends pieces of shared memory.
 *
 * Pieces are aligned to 64 bytes, never move and never overlap. Allocating and releasing cost the same however much is in use. All
 * bookkeeping is in private memory, so a peer that writes anywhere it can reach changes bytes and nothing else. Memory is not zeroed: what
 * shares an arena can read it anyway.
 *
 * `allocate` answers at once; while somebody waits for room it is refused, so that nobody waits for ever. `allocateWhenFree` waits its turn.
 */
export class Arena implements LeaseOwner, Disposable {
  readonly #space: Space;
  readonly #options: ResolvedArenaOptions;
  readonly #net: LeaseNet;
  readonly #line: WaitingLine;
  readonly #holders = new Map<number, Holder>();
  readonly #published = new Map<number, Grant>();
  readonly #sizes = new SizeCounts();
  #generation = 0;
  #leases = 0;
  #highWaterBytes = 0;
  #trimming: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: ArenaOptions = {}) {
    const resolved = resolveArenaOptions(options);
    this.#options = resolved;
    this.#space = new Space(resolved);
    this.#net = new LeaseNet((hold) => this.releaseHold(hold), resolved.onLost);
    this.#line = new WaitingLine(resolved.clock);
  }

  /**
   * Lends memory at once.
   *
   * @throws {AmphisError} MEMORY_EXHAUSTED, MEMORY_QUOTA_EXCEEDED, ARENA_CLOSED
   * @throws {RangeError} when the size is none
   */
  allocate(bytes: number, { holder = 0 }: AllocateOptions = {}): Lease {
    this.#checkRequest(bytes, holder);
    if (this.#line.isBlocked) throw this.#exhausted(bytes, "others wait for room");
    const owner = this.#holder(holder);
    const result = this.#attempt(bytes, owner, undefined);
    if (typeof result === "object") return result;
    if (result === "later") throw quotaExceeded(bytes, owner);
    throw this.#exhausted(bytes, "the arena is full");
  }

  /**
   * Lends memory when there is room and all who came before have theirs. One who waits only for its own quota stops nobody else.
   *
   * @throws {AmphisError} MEMORY_EXHAUSTED at the deadline or when it can never fit, MEMORY_QUOTA_EXCEEDED when it is beyond the quota
   *   however much is released, ARENA_CLOSED; or the reason of the signal
   */
  async allocateWhenFree(bytes: number, options: AllocateWhenFreeOptions = {}): Promise<Lease> {
    const { holder = 0, signal, deadline } = options;
    this.#checkRequest(bytes, holder);
    signal?.throwIfAborted();
    const owner = this.#holder(holder);
    const size = Space.extentBytes(bytes);
    if (size > owner.quotaBytes) throw quotaExceeded(bytes, owner);
    if (bytes > Math.min(this.#options.maxBytes, MAX_REGION_BYTES)) {
      throw this.#exhausted(bytes, "it is larger than the arena may be");
    }
    const site = this.#site();
    const attempt = (): Attempt => this.#attempt(bytes, this.#holder(holder), site);
    const result = this.#line.length === 0 ? attempt() : "full";
    if (typeof result === "object") return result;
    if (deadline !== undefined && deadline <= this.#options.clock.now()) {
      throw this.#exhausted(bytes, "the deadline has passed");
    }
    const joined = this.#line.join(attempt, { signal, deadline }, () =>
      this.#exhausted(bytes, "no room became free before the deadline"),
    );
    // Behind someone who waits for nothing but his own quota there may be room now.
    this.#line.serve();
    return joined;
  }

  /** @throws {RangeError} when it is no number of bytes */
  setQuota(holder: number, bytes: number): void {
    checkQuota(bytes);
    const owner = this.#holder(holder);
    owner.quotaBytes = bytes;
    owner.hasOwnQuota = true;
    this.#line.serve();
  }

  /**
   * Releases everything that a holder has, for one that died, and forgets the holder unless it has a quota of its own.
   *
   * @returns how many shares that were
   */
  releaseAll(holder: number): number {
    const owner = this.#holders.get(holder);
    let count = 0;
    for (let hold = owner?.first; hold !== undefined; hold = owner?.first) {
      this.releaseHold(hold);
      count += 1;
    }
    if (owner !== undefined) {
      owner.isGone = true;
      this.#forget(owner);
    }
    return count;
  }

  /** Where the memory of a published lease is, while it has not gone back. */
  published(generation: number): PublishedSpan | undefined {
    const grant = this.#published.get(generation);
    if (grant === undefined) return undefined;
    const { extent, byteLength } = grant;
    return { arena: extent.region.id, offset: extent.offset, byteLength };
  }

  /**
   * Gives pages of free memory back to the system; costs a call of the system for each free piece, so it is for idle moments.
   *
   * @param keepBytes free memory that keeps its pages
   * @returns bytes that were given back
   */
  trim(keepBytes: number = this.#options.keepBytes): number {
    return this.#space.trim(keepBytes);
  }

  stats(): ArenaFigures {
    return {
      ...this.#space.figures(),
      leases: this.#leases,
      highWaterBytes: this.#highWaterBytes,
      waiting: this.#line.length,
      lostLeases: this.#net.lost,
      sizes: this.#sizes.figures(),
      holders: [...this.#holders.values()].map(({ id, holds, usedBytes, quotaBytes }) => ({
        holder: id,
        leases: holds,
        usedBytes,
        quotaBytes,
      })),
    };
  }

  /** Releases all leases, refuses those who wait, and closes the regions. Works once, from any state. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#line.refuseAll(closed());
    for (const id of this.#holders.keys()) this.releaseAll(id);
    clearTimeout(this.#trimming);
    this.#space.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** For leases. */
  releaseHold(hold: Hold, anchor?: Anchor): void {
    hold.isReleased = true;
    if (anchor !== undefined) this.#net.free(anchor);
    const { grant, holder } = hold;
    holder.remove(hold);
    const { region } = grant.extent;
    for (const shown of hold.buffers ?? []) {
      const buffer = shown.deref();
      if (buffer !== undefined) region.revoke(buffer);
    }
    grant.holds -= 1;
    if (grant.holds === 0) this.#giveBack(grant);
    if (this.#line.length > 0) this.#line.serve();
  }

  /** For leases. */
  retainHold(hold: Hold, holder: number, isForgettable: boolean): Lease {
    const owner = this.#holder(holder);
    return this.#lend(new Hold(hold.grant, owner, isForgettable));
  }

  /** For leases. */
  publishHold({ grant }: Hold): void {
    grant.isPublished = true;
    this.#published.set(grant.generation, grant);
  }

  #attempt(bytes: number, owner: Holder, site: string | undefined): Attempt {
    if (owner.usedBytes + Space.extentBytes(bytes) > owner.quotaBytes) return "later";
    const extent = this.#space.take(bytes);
    if (extent === undefined) return "full";
    owner.usedBytes += extent.bytes;
    this.#sizes.add(extent.bytes);
    this.#leases += 1;
    if (this.#space.usedBytes > this.#highWaterBytes) this.#highWaterBytes = this.#space.usedBytes;
    const generation = this.#nextGeneration();
    const grant = {
      extent,
      byteLength: bytes,
      generation,
      owner,
      site: site ?? this.#site(),
      holds: 0,
      isPublished: false,
    };
    return this.#lend(new Hold(grant, owner));
  }

  #lend(hold: Hold): Lease {
    return new Lease(this, hold, this.#net.anchor(hold));
  }

  #giveBack(grant: Grant): void {
    const { extent, owner } = grant;
    if (grant.isPublished) this.#published.delete(grant.generation);
    owner.usedBytes -= extent.bytes;
    if (owner.isGone) this.#forget(owner);
    this.#sizes.remove(extent.bytes);
    this.#leases -= 1;
    this.#space.put(extent);
    if (this.#options.trimAfterMs > 0 && this.#trimming === undefined) this.#trimLater();
  }

  /** One timer for all that is given back until it fires; it keeps no process alive. */
  #trimLater(): void {
    this.#trimming = setTimeout(() => {
      this.#trimming = undefined;
      this.trim();
    }, this.#options.trimAfterMs).unref();
  }

  /** Once nothing counts against it any more. */
  #forget(holder: Holder): void {
    if (holder.isIdle) this.#holders.delete(holder.id);
  }

  #holder(id: number): Holder {
    const known = this.#holders.get(id);
    if (known !== undefined) {
      known.isGone = false;
      return known;
    }
    const holder = new Holder(id, this.#options.quotaBytes);
    this.#holders.set(id, holder);
    return holder;
  }

  /** A number that comes round again must not make an old reference good. */
  #nextGeneration(): number {
    do this.#generation = this.#generation === MAX_GENERATION ? 1 : this.#generation + 1;
    while (this.#published.has(this.#generation));
    return this.#generation;
  }

  #site(): string | undefined {
    return this.#options.trace ? callSite() : undefined;
  }

  #checkRequest(bytes: number, holder: number): void {
    if (this.#isClosed) throw closed();
    checkBytes("bytes", bytes);
    if (!Number.isSafeInteger(holder) || holder < 0) {
      throw new RangeError(`Cannot allocate: holder must be an integer from 0, got ${holder}`);
    }
  }

  #exhausted(bytes: number, why: string): AmphisError<"MEMORY_EXHAUSTED"> {
    return exhausted(bytes, this.#space.availableBytes, why);
  }
}

/** The lines of the stack that are not of this part. */
function callSite(): string {
  const lines = (new Error().stack ?? "").split("\n").slice(1);
  return lines
    .filter((line) => !line.includes("/memory/arena."))
    .map((line) => line.trim())
    .join(" ");
}
