import { availableParallelism } from "node:os";

import type { PoolOptions } from "./options.ts";

/** How many workers a pool has, and of which devices. */
export interface WorkerCounts {
  readonly devices: readonly (string | undefined)[];
  readonly workers: number;
  readonly minWorkers: number;
}

/** @throws {RangeError} for numbers that do not fit together */
export function workerCounts({
  name = "default",
  devices,
  workers: most,
  minWorkers: least,
}: Omit<PoolOptions, "python">): WorkerCounts {
  const crews = devices === undefined ? [undefined] : [...devices];
  if (new Set(crews).size < crews.length) {
    throw new RangeError(`Cannot open pool ${name}: devices names one of them twice`);
  }
  const workers = most ?? Math.max(availableParallelism(), crews.length);
  if (workers < crews.length) {
    throw new RangeError(
      `Cannot open pool ${name}: workers must be ${crews.length} or more, one per device, got ${workers}`,
    );
  }
  const minWorkers = least ?? crews.length;
  if (minWorkers > workers) {
    throw new RangeError(
      `Cannot open pool ${name}: minWorkers must be ${workers} at most, as many as workers, got ${minWorkers}`,
    );
  }
  return { devices: crews, workers, minWorkers };
}
