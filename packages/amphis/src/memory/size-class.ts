import { ALIGNMENT } from "./region.ts";

/*
 * Sizes are counted in units of 64 bytes. Every power of two is cut into 16 classes, below 16 units each count is its own, so a request
 * rounded up to its class wastes at most 6.25 % and any span of the class serves any request of the class.
 */

const STEP_BITS = 4;
const STEPS = 1 << STEP_BITS;

/** Beyond this, requests are rounded to pages only: a class would waste megabytes. */
export const MAX_CLASSED_BYTES: number = 8 * 1_048_576;
const PAGE_BYTES = 4_096;

/** Keeps a count of units within 31 bits. */
export const MAX_REGION_BYTES: number = 2 ** 37 - ALIGNMENT;
export const CLASS_COUNT: number = (31 - STEP_BITS + 1) * STEPS;

/** The class whose least size is at most so many units. */
export function classOf(units: number): number {
  if (units < STEPS) return units;
  const power = 31 - Math.clz32(units);
  return (power - STEP_BITS + 1) * STEPS + ((units >>> (power - STEP_BITS)) & (STEPS - 1));
}

/** The bytes that a span for so many has. */
export function spanBytes(bytes: number): number {
  if (bytes > MAX_CLASSED_BYTES) return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
  const units = Math.max(1, Math.ceil(bytes / ALIGNMENT));
  if (units < STEPS) return units * ALIGNMENT;
  const step = 1 << (31 - Math.clz32(units) - STEP_BITS);
  return Math.ceil(units / step) * step * ALIGNMENT;
}
