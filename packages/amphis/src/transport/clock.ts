/** The time that waits are measured in; tests give one that they turn by hand. */
export interface Clock {
  /** Milliseconds since a moment that means nothing; never goes back. */
  now(): number;
  /**
   * Calls once, so many milliseconds from now.
   *
   * `foreground`: somebody waits for it, so the process stays alive. `background`: it does not.
   *
   * @returns what takes the call back; harmless when it has happened
   */
  after(delayMs: number, run: () => void, ground: "foreground" | "background"): () => void;
}

/** Longest delay that a timer of the platform can hold; a longer one would fire at once. */
export const MAX_DELAY_MS = 0x7fff_ffff;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, run, ground) {
    const timer: unknown = setTimeout(run, Math.min(delayMs, MAX_DELAY_MS));
    if (ground === "background") unref(timer);
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>);
  },
};

/** Timers of browsers are numbers and hold nothing alive. */
function unref(timer: unknown): void {
  if (typeof timer === "object" && timer !== null && "unref" in timer) {
    (timer as NodeJS.Timeout).unref();
  }
}
