/** When a worker is replaced though nothing happened to it. What is absent is no reason. */
export interface RecycleOptions {
  /** After so many calls. */
  readonly calls?: number | undefined;
  /** When it is so old. */
  readonly ageMs?: number | undefined;
  /** When it holds so many bytes more than after its first call. */
  readonly memoryGrowthBytes?: number | undefined;
}

/** What a worker is judged by. */
export interface WorkerFigures {
  readonly calls: number;
  readonly ageMs: number;
  /** Absent where it cannot be measured. */
  readonly memoryGrowthBytes: number | undefined;
}

export type RecycleReason = "calls" | "age" | "memory" | "library";

/** Why a worker is to be replaced, if it is. */
export function recycleReason(
  options: RecycleOptions,
  figures: WorkerFigures,
): RecycleReason | undefined {
  const { calls = Infinity, ageMs = Infinity, memoryGrowthBytes = Infinity } = options;
  if (figures.calls >= calls) return "calls";
  if (figures.ageMs >= ageMs) return "age";
  if ((figures.memoryGrowthBytes ?? 0) >= memoryGrowthBytes) return "memory";
  return undefined;
}
