import type { Extent } from "./span.ts";

/** An extent in use. It goes back when the last of its holds is released. */
export interface Grant {
  readonly extent: Extent;
  readonly byteLength: number;
  /** Which use of the memory this is: 1 to 2^32-1, and no other that lives has it. */
  readonly generation: number;
  /** Whose quota it counts against until it goes back. */
  readonly owner: Holder;
  /** Where it was allocated, if that is traced. */
  readonly site: string | undefined;
  holds: number;
  isPublished: boolean;
}

/** One share in a grant. */
export class Hold {
  readonly grant: Grant;
  readonly holder: Holder;
  isReleased = false;
  /** Whether it is released by the collector as a rule, so that this is no mistake. */
  readonly isForgettable: boolean;
  /** To be taken back at release, where that is possible. Not held by this, so that a forgotten lease is collected. */
  buffers: WeakRef<ArrayBufferLike>[] | undefined;
  previous: Hold | undefined;
  next: Hold | undefined;

  constructor(grant: Grant, holder: Holder, isForgettable = false) {
    this.grant = grant;
    this.isForgettable = isForgettable;
    this.holder = holder;
    grant.holds += 1;
    holder.add(this);
  }
}

/** Who has memory: a worker process, a connection, a user of the library. */
export class Holder {
  readonly id: number;
  quotaBytes: number;
  /** Whether the quota was set for this holder and must be remembered while it has nothing. */
  hasOwnQuota = false;
  usedBytes = 0;
  /** Nobody is behind it any more: it is forgotten with the last of its memory. */
  isGone = false;
  #first: Hold | undefined;
  #holds = 0;

  constructor(id: number, quotaBytes: number) {
    this.id = id;
    this.quotaBytes = quotaBytes;
  }

  get first(): Hold | undefined {
    return this.#first;
  }

  get holds(): number {
    return this.#holds;
  }

  get isIdle(): boolean {
    return this.#holds === 0 && this.usedBytes === 0 && !this.hasOwnQuota;
  }

  add(hold: Hold): void {
    hold.next = this.#first;
    if (this.#first !== undefined) this.#first.previous = hold;
    this.#first = hold;
    this.#holds += 1;
  }

  remove(hold: Hold): void {
    if (hold.previous === undefined) this.#first = hold.next;
    else hold.previous.next = hold.next;
    if (hold.next !== undefined) hold.next.previous = hold.previous;
    hold.previous = undefined;
    hold.next = undefined;
    this.#holds -= 1;
  }
}
