const NS_PER_MS = 1_000_000;

/**
 * Milliseconds as native code takes them: whole nanoseconds. A time that is no exact number of them becomes `forever`;
 * 104 days are as good as that.
 */
export function nanoseconds(name: string, milliseconds: number, forever: number): number {
  if (!(milliseconds >= 0)) {
    throw new RangeError(`Cannot wait: ${name} must be at least 0, got ${milliseconds}`);
  }
  const whole = Math.ceil(milliseconds * NS_PER_MS);
  return whole > Number.MAX_SAFE_INTEGER ? forever : whole;
}

/** What native code takes for a wait without an end. */
export const FOREVER_NS = -1;
