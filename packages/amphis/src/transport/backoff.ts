import { MAX_DELAY_MS } from "./clock.ts";

/** How long to wait before the next attempt; each failure in a row makes the wait longer. */
export interface BackoffOptions {
  /** Longest wait after the first failure. @default 100 */
  readonly initialMs?: number | undefined;
  /** Longest wait of all. @default 10_000 */
  readonly maxMs?: number | undefined;
  /** What the longest wait is multiplied by at each failure. @default 2 */
  readonly factor?: number | undefined;
}

/** @param failures in a row so far @returns milliseconds to wait */
export type Backoff = (failures: number) => number;

/**
 * Exponential back-off with full jitter: anything from nothing to the longest wait, equally likely, so that many clients of one server
 * which came back do not all come at once.
 *
 * @param random from 0 to 1, without 1
 * @throws {RangeError} for a wait or factor that makes no sense
 */
export function exponentialBackoff(
  options: BackoffOptions = {},
  random: () => number = Math.random,
): Backoff {
  const { initialMs = 100, maxMs = 10_000, factor = 2 } = options;
  checkRange("backoff.initialMs", initialMs, 0, MAX_DELAY_MS);
  checkRange("backoff.maxMs", maxMs, initialMs, MAX_DELAY_MS);
  checkRange("backoff.factor", factor, 1, Number.MAX_VALUE);
  return (failures) => {
    const longest = initialMs * factor ** Math.max(0, failures - 1);
    // Nothing times infinity is not a number.
    return random() * (initialMs === 0 ? 0 : Math.min(maxMs, longest));
  };
}

/** @throws {RangeError} naming the option */
export function checkRange(name: string, value: number, min: number, max: number): void {
  if (typeof value === "number" && value >= min && value <= max) return;
  throw new RangeError(
    `Cannot use ${name}: it must be a number from ${min} to ${max}, got ${String(value)}`,
  );
}

/** @throws {RangeError} naming the option */
export function checkCount(name: string, value: number, min: number): void {
  if (Number.isSafeInteger(value) && value >= min) return;
  throw new RangeError(
    `Cannot use ${name}: it must be an integer of ${min} or more, got ${String(value)}`,
  );
}
