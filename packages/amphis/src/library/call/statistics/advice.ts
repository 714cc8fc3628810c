import type { FunctionFigures } from "./function-statistics.ts";

/** What advice is given by, beside the figures. */
interface Habits {
  /** That the function itself takes, on average. */
  readonly runMs: number | undefined;
  /** That calls wait for their turn at the library, on average. */
  readonly waitedMs: number;
}

/** Fewer calls say nothing. */
const ENOUGH_CALLS = 32;
const LARGE_BYTES = 65_536;
const SHORT_MS = 0.05;
const RARE_HITS = 0.05;

/** What would make a function faster, as far as its figures show it. */
export function adviceOf(
  figures: Omit<FunctionFigures, "suggestions">,
  { runMs, waitedMs }: Habits,
): readonly string[] {
  const { calls, transferShare = 0, bytesPerCall = 0, cache, batched, latency } = figures;
  if (calls < ENOUGH_CALLS) return [];
  const advice: string[] = [];
  if (transferShare >= 0.5 && bytesPerCall >= LARGE_BYTES) {
    const share = Math.round(transferShare * 100);
    const size = Math.round(bytesPerCall / 1024);
    advice.push(
      `it spends ${share} % of its time on moving ${size} KiB a call: keep the array in shared memory, or in Python as a live object (keep)`,
    );
  }
  const isShort = runMs !== undefined && runMs < SHORT_MS && bytesPerCall < LARGE_BYTES;
  if (isShort && batched === 0 && calls >= 1_000 && cache === undefined) {
    advice.push("it takes less than its journey: have calls put together (batching)");
  }
  if (cache !== undefined && cache.hitRate < RARE_HITS && cache.misses >= ENOUGH_CALLS) {
    advice.push("its results are hardly ever asked for again: take it out of pure");
  }
  if (cache !== undefined && cache.unkept > calls / 2) {
    advice.push(
      "its arguments or results are no plain values, so they are not kept: take it out of pure",
    );
  }
  if (waitedMs > latency.meanMs / 2) {
    advice.push("it mostly waits for its turn: raise concurrency or rateLimit");
  }
  return advice;
}
