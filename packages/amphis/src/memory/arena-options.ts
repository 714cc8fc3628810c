import { type Clock, systemClock } from "./clock.ts";
import { heapRegion, type OpenRegion } from "./region.ts";
import { MAX_REGION_BYTES } from "./size-class.ts";
import { CHUNK_BYTES } from "./touched-chunks.ts";

export interface ArenaOptions {
  /** Opens a region. @default memory of this process */
  readonly open?: OpenRegion | undefined;
  /** Size of a region; a larger request gets one of its own size. @default 67_108_864 */
  readonly regionBytes?: number | undefined;
  /** Most that all regions have together. @default 1_073_741_824 */
  readonly maxBytes?: number | undefined;
  /** Most that a holder without a quota of its own has. @default no limit */
  readonly quotaBytes?: number | undefined;
  /** Free memory that keeps its pages when the arena is trimmed. @default 67_108_864 */
  readonly keepBytes?: number | undefined;
  /** Trims so long after memory was given back, in the background. 0 = only when `trim` is called. @default 0 */
  readonly trimAfterMs?: number | undefined;
  /** @default the time of the system */
  readonly clock?: Clock | undefined;
  /** Keeps where each lease was allocated, for errors and warnings. @default whether AMPHIS_MEMORY_TRACE is 1 */
  readonly trace?: boolean | undefined;
  /** Is told of a lease that was collected before it was released. @default a process warning unless NODE_ENV is production */
  readonly onLost?: ((message: string) => void) | undefined;
}

export interface ResolvedArenaOptions {
  readonly open: OpenRegion;
  readonly regionBytes: number;
  readonly maxBytes: number;
  readonly quotaBytes: number;
  readonly keepBytes: number;
  readonly trimAfterMs: number;
  readonly clock: Clock;
  readonly trace: boolean;
  readonly onLost: ((message: string) => void) | undefined;
}

/** @throws {RangeError} when a size is none */
export function resolveArenaOptions(options: ArenaOptions): ResolvedArenaOptions {
  const {
    open = heapRegion,
    regionBytes = 67_108_864,
    maxBytes = 1_073_741_824,
    quotaBytes = Number.POSITIVE_INFINITY,
    keepBytes = 67_108_864,
    trimAfterMs = 0,
    clock = systemClock,
    trace = process.env["AMPHIS_MEMORY_TRACE"] === "1",
    onLost,
  } = options;
  checkBytes("regionBytes", regionBytes, MAX_REGION_BYTES);
  checkBytes("maxBytes", maxBytes);
  checkBytes("keepBytes", keepBytes);
  checkDelay(trimAfterMs);
  checkQuota(quotaBytes);
  return {
    open,
    // Whole chunks, so that all of a region can be given back.
    regionBytes: Math.ceil(regionBytes / CHUNK_BYTES) * CHUNK_BYTES,
    maxBytes,
    quotaBytes,
    keepBytes,
    trimAfterMs,
    clock,
    trace,
    onLost,
  };
}

function expectNumber(name: string, value: unknown): void {
  if (typeof value === "number") return;
  throw new TypeError(`Cannot use ${name}: expected a number, got ${typeof value}`);
}

function checkDelay(trimAfterMs: number): void {
  expectNumber("trimAfterMs", trimAfterMs);
  if (Number.isSafeInteger(trimAfterMs) && trimAfterMs >= 0 && trimAfterMs < 2 ** 31) return;
  throw new RangeError(
    `Cannot use trimAfterMs: expected an integer from 0 to 2^31-1, got ${String(trimAfterMs)}`,
  );
}

export function checkBytes(
  name: string,
  bytes: number,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isSafeInteger(bytes) && bytes >= 0 && bytes <= most) return;
  expectNumber(name, bytes);
  throw new RangeError(
    `Cannot use ${name}: expected an integer from 0 to ${most}, got ${String(bytes)}`,
  );
}

export function checkQuota(bytes: number): void {
  if (bytes !== Number.POSITIVE_INFINITY) checkBytes("quotaBytes", bytes);
}
