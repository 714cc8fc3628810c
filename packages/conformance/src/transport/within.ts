import type { Connection } from "amphis/transport";

/** A hang becomes a failure that says what hung. Far above what a loaded machine takes. */
const WATCHDOG_MS = 25_000;
/** Of five milliseconds and more: other processes and threads take part in some transports. */
const STILL_ROUNDS = 20;

/** The promise, or an error that names what did not happen. */
export async function within<T>(what: string, promise: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Cannot go on: ${what} never came`)), WATCHDOG_MS);
  });
  try {
    return await Promise.race([promise, hang]);
  } finally {
    clearTimeout(timer);
  }
}

/** Goes round the event loop until this holds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + WATCHDOG_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`Cannot go on: ${what} never came`);
    await turn();
  }
}

/** Once round the event loop, so that what is ready can happen. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, 1));
}

/**
 * Resolves when a sender has been stopped: its connection is full, and no more is accepted while the event loop, which moves both ends,
 * goes round and round. A machine under load makes the rounds slow, not few.
 */
export async function standstill(connection: Connection, accepted: () => number): Promise<void> {
  await until("a full connection", () => connection.isFull);
  for (let last = -1, rounds = 0; rounds < STILL_ROUNDS; rounds += 1) {
    if (last !== accepted() || !connection.isFull) rounds = 0;
    last = accepted();
    await new Promise((resolve) => void setTimeout(resolve, 5));
  }
}

export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

/** A promise that a test resolves. */
export function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
