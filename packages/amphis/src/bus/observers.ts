/** Tells an observer, whose faults stop nothing here. */
export function withoutThrowing(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    reportUncaught(error);
  }
}

/** As if nobody had caught it: the process hears of it in the usual way. */
export function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
