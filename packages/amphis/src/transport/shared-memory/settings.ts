import { availableParallelism } from "node:os";

import type { SharedMemory } from "../../memory/index.ts";
import { isCapacity } from "./opening.ts";

/** How a host or a guest of rings behaves. */
export interface RingOptions {
  /** Bytes that each of the two rings holds: a power of two. The host decides. @default 262_144 */
  readonly ringBytes?: number | undefined;
  /**
   * Looks at the ring for so long before it sleeps, while an answer is due. Less where that does not pay, and never while both sides run on
   * one CPU.
   * @default 0.05, and 0 where there is one CPU
   */
  readonly spinMs?: number | undefined;
  /** For the host: memory to lend to its guests. @default none */
  readonly memory?: SharedMemory | undefined;
  /** For the host: frames of so many bytes and more go to a guest through memory, where some is lent and free. @default 33_554_432 */
  readonly spillBytes?: number | undefined;
}

/** Options of rings, checked and complete. */
export interface RingSettings {
  readonly capacity: number;
  readonly spinMs: number;
  readonly memory: SharedMemory | undefined;
  readonly spillBytes: number;
}

/** How long the two sides may take to agree. */
export const OPENING_MS = 10_000;

const DEFAULT_SPIN_MS = 0.05;
/** Below it, a ring is as fast or faster (docs/explain/memory.md). */
const SPILL_BYTES = 0x200_0000;

/** @throws {RangeError} */
export function ringSettings(options: RingOptions): RingSettings {
  const {
    ringBytes: capacity = 0x4_0000,
    spinMs = availableParallelism() > 1 ? DEFAULT_SPIN_MS : 0,
    memory,
    spillBytes = SPILL_BYTES,
  } = options;
  if (!isCapacity(capacity)) {
    throw new RangeError(
      `Cannot open transport: ringBytes must be a power of two from 128 to 2^30, got ${capacity}`,
    );
  }
  if (!(spinMs >= 0 && spinMs <= 1_000)) {
    throw new RangeError(`Cannot open transport: spinMs must be from 0 to 1000, got ${spinMs}`);
  }
  if (!(spillBytes >= 1)) {
    throw new RangeError(`Cannot open transport: spillBytes must be 1 or more, got ${spillBytes}`);
  }
  return { capacity, spinMs, memory, spillBytes };
}
