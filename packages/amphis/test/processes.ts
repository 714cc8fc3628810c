import { readFileSync } from "node:fs";

import { until } from "./wait.ts";

/** Whether a process runs: not gone, and no zombie. */
export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /su.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Waits until none of them runs. */
export function nothingRuns(processes: readonly number[]): Promise<void> {
  return until(() => !processes.some(isRunning));
}
