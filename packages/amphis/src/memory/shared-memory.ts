import { AmphisError } from "@amphis/protocol";

import { nativeCore } from "../native-core.ts";
import { memoryClose, memoryOpen, memoryRefused } from "../telemetry/index.ts";
import { Arena } from "./arena.ts";
import type { ArenaFigures } from "./arena-figures.ts";
import { type ArenaOptions, resolveArenaOptions } from "./arena-options.ts";
import { MemoryLink, type MemoryLinkFigures } from "./memory-link.ts";
import type { ReferenceEvent } from "./reference.ts";
import { type ReferencePolicy, resolvePolicy } from "./reference-policy.ts";
import { heapRegion } from "./region.ts";
import { SharedRegion } from "./shared-region.ts";
import { CHUNK_BYTES } from "./touched-chunks.ts";

export interface SharedMemoryOptions extends Omit<ArenaOptions, "open"> {
  /** What references may be, for all guests. */
  readonly policy?: ReferencePolicy | undefined;
  /** A guest that asks for memory while there is none waits so long. @default 1_000 */
  readonly waitMs?: number | undefined;
  /** Hears of references that were refused: a guest that is broken, or that tries what it may not. */
  readonly onRefused?: ((event: GuestEvent) => void) | undefined;
}

/** A reference of a guest that was refused. */
export interface GuestEvent extends ReferenceEvent {
  readonly holder: number;
}

export interface SharedMemoryFigures {
  readonly arena: ArenaFigures;
  readonly guests: readonly MemoryLinkFigures[];
}

/**
 * Judges options, before memory is opened.
 *
 * @throws {TypeError | RangeError} naming the option, what it can be, and what was given
 */
export function expectMemoryOptions(options: SharedMemoryOptions): void {
  const { maxBytes = CHUNK_BYTES, trace, policy, waitMs = 0, onLost, onRefused } = options;
  resolveArenaOptions({ ...options, open: heapRegion });
  if (maxBytes < CHUNK_BYTES) {
    throw new RangeError(
      `Cannot use maxBytes: expected an integer of ${CHUNK_BYTES} or more, got ${maxBytes}`,
    );
  }
  if (typeof waitMs !== "number") {
    throw new TypeError(`Cannot use waitMs: expected a number from 0, got ${typeof waitMs}`);
  }
  if (!(waitMs >= 0)) throw new RangeError(`Cannot use waitMs: expected 0 or more, got ${waitMs}`);
  if (trace !== undefined && typeof trace !== "boolean") {
    throw new TypeError(`Cannot use trace: expected true or false, got ${typeof trace}`);
  }
  for (const [name, callback] of Object.entries({ onLost, onRefused })) {
    if (callback === undefined || typeof callback === "function") continue;
    throw new TypeError(`Cannot use ${name}: expected a function, got ${typeof callback}`);
  }
  if (policy !== undefined) resolvePolicy(policy);
}

interface Parts {
  readonly arena: Arena;
  readonly regions: ReadonlyMap<number, SharedRegion>;
  readonly guests: Map<number, MemoryLink>;
}

/**
 * Memory that this process owns and lends to the processes it is connected with.
 *
 * It has no name in the system: whoever was not given a descriptor cannot open it, and it is gone with the last process that maps it. A
 * guest that ends, however it ends, has nothing any more.
 */
export class SharedMemory implements Disposable {
  readonly arena: Arena;
  readonly #regions: ReadonlyMap<number, SharedRegion>;
  readonly #guests: Map<number, MemoryLink>;
  readonly #options: SharedMemoryOptions;
  #policy: ReferencePolicy | undefined;
  #nextHolder = 1;
  #isClosed = false;

  private constructor({ arena, regions, guests }: Parts, options: SharedMemoryOptions) {
    this.arena = arena;
    this.#regions = regions;
    this.#guests = guests;
    this.#options = options;
    this.#policy = options.policy;
  }

  /** @throws {AmphisError} NATIVE_UNAVAILABLE with the reason where memory cannot be shared */
  static async open(options: SharedMemoryOptions = {}): Promise<SharedMemory> {
    expectMemoryOptions(options);
    const native = await nativeCore();
    if (native.kind === "unavailable") {
      const { reason } = native;
      throw new AmphisError("NATIVE_UNAVAILABLE", `Cannot share memory: ${reason}`, { reason });
    }
    const { core } = native;
    const regions = new Map<number, SharedRegion>();
    const guests = new Map<number, MemoryLink>();
    const retire = (id: number): void => {
      regions.delete(id);
      for (const link of guests.values()) link.retire(id);
    };
    const open = (id: number, bytes: number): SharedRegion => {
      const region = SharedRegion.open(core, id, bytes, () => retire(id));
      regions.set(id, region);
      return region;
    };
    const arena = new Arena({ trimAfterMs: 500, ...options, open });
    if (memoryOpen.hasSubscribers) memoryOpen.publish({ maxBytes: options.maxBytes });
    return new SharedMemory({ arena, regions, guests }, options);
  }

  /** For a transport: what a new peer gets of this memory. */
  link(): MemoryLink {
    const holder = this.#nextHolder;
    this.#nextHolder += 1;
    const { waitMs = 1_000, onRefused } = this.#options;
    const link = new MemoryLink({
      holder,
      arena: this.arena,
      waitMs,
      policy: this.#policy,
      regionOf: (id) => this.#regions.get(id),
      onRefused: (event) => {
        if (memoryRefused.hasSubscribers) memoryRefused.publish({ code: event.code, holder });
        onRefused?.({ ...event, holder });
      },
      onClosed: () => this.#guests.delete(holder),
    });
    this.#guests.set(holder, link);
    return link;
  }

  /** Holds for every reference that is signed from now on. */
  setPolicy(policy: ReferencePolicy): void {
    this.#policy = policy;
    for (const link of this.#guests.values()) link.references.setPolicy(policy);
  }

  figures(): SharedMemoryFigures {
    return {
      arena: this.arena.stats(),
      guests: [...this.#guests.values()].map((link) => link.figures()),
    };
  }

  /** Takes everything back. Guests keep what they have mapped until they let go of it, and get no more. */
  close(): void {
    if (!this.#isClosed && memoryClose.hasSubscribers) {
      const { usedBytes, leases } = this.arena.stats();
      memoryClose.publish({ usedBytes, leases });
    }
    this.#isClosed = true;
    for (const link of this.#guests.values()) link.close();
    this.arena.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
