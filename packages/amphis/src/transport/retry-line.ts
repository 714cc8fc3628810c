/**
 * Lets those who found the queue of a listener full try again one after the other. All at once, they would take the time that a listener in
 * the same process needs to empty its queue.
 */
export class RetryLine {
  /** What settles when everyone in the line for an address has left it. */
  readonly #ends = new Map<string, Promise<void>>();

  /** Waits for the turn, and has it until `work` settles. @throws the reason of the signal */
  async inTurn<T>(address: string, ending: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#ends.get(address) ?? Promise.resolve();
    let leave: () => void = () => undefined;
    const own = new Promise<void>((resolve) => {
      leave = resolve;
    });
    // Who gives up leaves the line early; those behind still wait for those before.
    const end = before.then(() => own);
    this.#ends.set(address, end);
    try {
      await unlessAborted(before, ending);
      return await work();
    } finally {
      leave();
      if (this.#ends.get(address) === end) {
        void end.then(() => this.#ends.get(address) === end && this.#ends.delete(address));
      }
    }
  }
}

function unlessAborted(settled: Promise<void>, ending: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(ending.reason as Error);
    if (ending.aborted) abort();
    ending.addEventListener("abort", abort);
    void settled.then(() => {
      ending.removeEventListener("abort", abort);
      resolve();
    });
  });
}
