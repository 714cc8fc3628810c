/** How long to wait before the next attempt; each failure in a row makes the longest wait longer. */
export interface BackoffOptions {
  /** Longest wait after the first failure. @default 100 */
  readonly initialMs?: number | undefined;
  /** Longest wait of all. @default 10_000 */
  readonly maxMs?: number | undefined;
}

/** Waits, complete. */
export interface Waits {
  readonly initialMs: number;
  readonly maxMs: number;
}

/** Between attempts to start a worker, where nothing is said. */
const START_WAITS: Waits = { initialMs: 100, maxMs: 10_000 };

/** Between attempts of a call, where nothing is said. */
export const RETRY_WAITS: Waits = { initialMs: 50, maxMs: 2_000 };

export function waitsOf(
  { initialMs, maxMs }: BackoffOptions = {},
  usual: Waits = START_WAITS,
): Waits {
  return { initialMs: initialMs ?? usual.initialMs, maxMs: maxMs ?? usual.maxMs };
}

/** @param failures in a row so far, at least 1 @returns milliseconds to wait */
export type Backoff = (failures: number) => number;

/**
 * Doubles the longest wait at each failure, with full jitter: anything from nothing to the longest, equally likely.
 *
 * @param random from 0 to 1, without 1
 * @throws {RangeError} for waits that make no sense
 */
export function backoffOf(
  options: BackoffOptions = {},
  random: () => number = Math.random,
): Backoff {
  const { initialMs, maxMs } = waitsOf(options);
  if (!(initialMs >= 0 && maxMs >= initialMs && maxMs <= 0x7fff_ffff)) {
    throw new RangeError(
      `Cannot use backoff: initialMs and maxMs must be waits in this order, got ${initialMs} and ${maxMs}`,
    );
  }
  return (failures) => random() * Math.min(maxMs, initialMs * 2 ** Math.min(failures - 1, 64));
}
