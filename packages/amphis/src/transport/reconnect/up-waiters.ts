import type { Connection } from "../transport.ts";

interface UpWaiter {
  resolve(connection: Connection): void;
  reject(error: unknown): void;
}

/** Callers that wait until there is a connection. */
export class UpWaiters {
  readonly #waiters = new Set<UpWaiter>();

  wait(signal: AbortSignal | undefined): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const abort = (): void => waiter.reject(signal?.reason);
      const leave = (): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener("abort", abort);
      };
      const waiter: UpWaiter = {
        resolve(connection) {
          leave();
          resolve(connection);
        },
        reject(error) {
          leave();
          reject(error as Error);
        },
      };
      this.#waiters.add(waiter);
      signal?.addEventListener("abort", abort);
    });
  }

  resolve(connection: Connection): void {
    for (const waiter of this.#waiters) waiter.resolve(connection);
  }

  reject(error: unknown): void {
    for (const waiter of this.#waiters) waiter.reject(error);
  }
}
