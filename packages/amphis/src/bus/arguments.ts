/*
 * What callers may give, judged before anything is done with it.
 */

/** @throws {RangeError} unless it is an integer above zero */
export function expectPositive(option: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw new RangeError(`Cannot use ${option}: it must be a positive integer, got ${String(value)}`);
}

/** @throws {TypeError} */
export function expectFunction(what: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new TypeError(`Cannot use ${what}: it must be a function, got ${typeof value}`);
}

/** @throws {TypeError} */
export function expectIterable(what: string, value: unknown): void {
  const isObject = typeof value === "object" && value !== null;
  if (isObject && (Symbol.asyncIterator in value || Symbol.iterator in value)) return;
  throw new TypeError(`Cannot use ${what}: it must be an iterable, got ${typeof value}`);
}

/** The TTL of a request that waits so long; undefined for one that waits for ever. @throws {RangeError} */
export function ttlOf(timeoutMs: number): number | undefined {
  if (timeoutMs === Infinity) return undefined;
  if (!(timeoutMs >= 0)) {
    throw new RangeError(`Cannot send request: timeoutMs must not be negative, got ${timeoutMs}`);
  }
  return Math.min(Math.ceil(timeoutMs), Number.MAX_SAFE_INTEGER);
}
