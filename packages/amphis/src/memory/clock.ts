/** The time that waits are measured in; the clock of a transport fits, and tests give one that they turn by hand. */
export interface Clock {
  /** Milliseconds since a moment that means nothing; never goes back. */
  now(): number;
  /** Calls once, so many milliseconds from now. @returns what takes the call back */
  after(delayMs: number, run: () => void, ground: "foreground" | "background"): () => void;
}

/** Longest delay that a timer of the platform can hold; a longer one would fire at once. */
const MAX_DELAY_MS = 0x7fff_ffff;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, run, ground) {
    const timer = setTimeout(run, Math.min(Math.max(delayMs, 0), MAX_DELAY_MS));
    if (ground === "background") timer.unref();
    return () => clearTimeout(timer);
  },
};
