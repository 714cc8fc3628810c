export type Path = "inline" | "shared";

/** What a byte and a hand-over cost before anything was measured here; spec/limits.md 3b and 4a. */
const PRIOR: Readonly<Record<Path, { readonly fixedMs: number; readonly msPerByte: number }>> = {
  inline: { fixedMs: 0.015, msPerByte: 1_000 / (6.2 * 2 ** 30) },
  shared: { fixedMs: 0.025, msPerByte: 1_000 / (12 * 2 ** 30) },
};
/** Weight of the newest measurement. */
const GAIN = 0.2;
/** A single measurement counts at most so many times the estimate: a pause of the machine says nothing about the path. */
const MAX_JUMP = 8;

export interface PathFigures {
  readonly samples: number;
  readonly meanMs: number;
}

interface Estimate {
  samples: number;
  meanMs: number;
}

/** What both paths take for values of one kind and about one size. */
export class LatencyModel {
  readonly #bytes: number;
  readonly #estimates: Readonly<Record<Path, Estimate>>;

  /** @param bytes the middle of the sizes that this is for */
  constructor(bytes: number) {
    this.#bytes = bytes;
    this.#estimates = {
      inline: { samples: 0, meanMs: this.#prior("inline") },
      shared: { samples: 0, meanMs: this.#prior("shared") },
    };
  }

  expectedMs(path: Path): number {
    return this.#estimates[path].meanMs;
  }

  learn(path: Path, elapsedMs: number): void {
    const estimate = this.#estimates[path];
    const counted = Math.min(elapsedMs, estimate.meanMs * MAX_JUMP);
    const gain = estimate.samples === 0 ? 1 : Math.max(GAIN, 1 / (estimate.samples + 1));
    estimate.meanMs += gain * (counted - estimate.meanMs);
    estimate.samples += 1;
  }

  figures(path: Path): PathFigures {
    return { ...this.#estimates[path] };
  }

  #prior(path: Path): number {
    const { fixedMs, msPerByte } = PRIOR[path];
    return fixedMs + msPerByte * this.#bytes;
  }
}
