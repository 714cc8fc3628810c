/** A hang becomes a failure that says what hung. Far above what a loaded machine takes. */
const WATCHDOG_MS = 25_000;

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
 * Resolves when a count has not changed for a while. On a loaded machine that may be early, so a test may conclude from it only what holds
 * earlier too: that no more than so much has happened.
 */
export async function standstill(count: () => number): Promise<void> {
  for (let last = -1; last !== count();) {
    last = count();
    await new Promise((resolve) => void setTimeout(resolve, 250));
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
