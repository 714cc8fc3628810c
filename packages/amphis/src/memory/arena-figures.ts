import type { SizeFigures } from "./size-counts.ts";
import type { SpaceFigures } from "./space.ts";

export interface HolderFigures {
  readonly holder: number;
  readonly leases: number;
  readonly usedBytes: number;
  readonly quotaBytes: number;
}

export interface ArenaFigures extends SpaceFigures {
  readonly leases: number;
  readonly highWaterBytes: number;
  readonly waiting: number;
  readonly lostLeases: number;
  readonly sizes: readonly SizeFigures[];
  readonly holders: readonly HolderFigures[];
}
