/** The time that a pool measures in; tests give one that they turn by hand. */
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

/** Kept, as the property of the global object looks it up each time. */
const { performance } = globalThis;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, run, ground) {
    const timer = setTimeout(run, Math.min(delayMs, MAX_DELAY_MS));
    if (ground === "background") timer.unref();
    return () => clearTimeout(timer);
  },
};
