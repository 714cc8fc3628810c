import type { Arena } from "./arena.ts";
import type { ArenaFigures } from "./arena-figures.ts";
import type { Placement, PlacementComparison, PlacementFigures } from "./placement.ts";
import type { ReferenceFigures, References } from "./reference.ts";

export interface MemoryParts {
  readonly arena: Arena;
  readonly references?: References | undefined;
  readonly placement?: Placement | undefined;
}

export interface MemoryStatus {
  readonly arena: ArenaFigures;
  readonly references: ReferenceFigures | undefined;
  readonly placement:
    | (PlacementFigures & { readonly comparison: readonly PlacementComparison[] })
    | undefined;
}

/** All figures of shared memory at one moment. */
export function memoryStatus({ arena, references, placement }: MemoryParts): MemoryStatus {
  return {
    arena: arena.stats(),
    references: references?.figures(),
    placement:
      placement === undefined
        ? undefined
        : { ...placement.figures(), comparison: placement.compare() },
  };
}
