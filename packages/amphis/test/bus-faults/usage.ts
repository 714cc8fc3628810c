import { readdirSync } from "node:fs";

import type { Usage } from "./command.ts";

/** What this process holds now; a collection comes first when Node runs with `--expose-gc`. */
export function usage(stats: Usage["stats"]): Usage {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) {
    resources[kind] = (resources[kind] ?? 0) + 1;
  }
  return { stats, descriptors: descriptors(), resources, bytes: heapUsed + arrayBuffers };
}

/** Descriptors that this process has open. */
export function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
