import { until } from "../wait.ts";
import { isRunning } from "./started.ts";

/** Waits until none of them runs. */
export function nothingRuns(processes: readonly number[]): Promise<void> {
  return until(() => !processes.some(isRunning));
}
