import type { Clock } from "./clock.ts";

/** What the promise resolves with, or undefined when that takes too long; a rejection stays one. */
export function within<T>(
  clock: Clock,
  timeoutMs: number,
  promise: Promise<T>,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(timeoutMs, () => resolve(undefined), "foreground");
    promise.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error as Error);
      },
    );
  });
}
