/** Waits until it is so; each round lets every event happen that is due. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Tries with more and more time until something came of it: on a loaded machine a short time may be over before what it limits has begun.
 */
export async function withEnoughTime<T>(
  attempt: (timeoutMs: number) => Promise<T | undefined>,
  firstMs = 30,
): Promise<T> {
  for (let timeoutMs = firstMs; ; timeoutMs *= 2) {
    const outcome = await attempt(timeoutMs);
    if (outcome !== undefined) return outcome;
  }
}

/** What the promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`Cannot give rejection: the promise resolved with ${String(value)}`);
}
