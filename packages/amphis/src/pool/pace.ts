/** Weight of the latest call. */
const WEIGHT = 0.5;

/** The longest that one call counts, so that one slow call is forgotten after eight quick ones. */
const MOST_MS = 200;

/** Functions that are remembered. */
const MOST_NAMES = 1_024;

/** How long the calls of one function took of late. Knows nothing before the first, and then takes them for long. */
export class Pace {
  readonly #shortMs: number;
  #averageMs = Infinity;

  /** @param shortMs calls that take less are short: waiting for the program between two of them would cost more than they do */
  constructor(shortMs: number) {
    this.#shortMs = shortMs;
  }

  get isShort(): boolean {
    return this.#averageMs < this.#shortMs;
  }

  add(durationMs: number): void {
    const counted = Math.min(durationMs, MOST_MS);
    this.#averageMs =
      this.#averageMs === Infinity
        ? counted
        : this.#averageMs + (counted - this.#averageMs) * WEIGHT;
  }
}

/** The pace of each function that is called; when there are too many, all are forgotten and learned anew. */
export class Paces {
  readonly #paces = new Map<string, Pace>();
  readonly #shortMs: number;

  constructor(shortMs: number) {
    this.#shortMs = shortMs;
  }

  of(name: string): Pace {
    const known = this.#paces.get(name);
    if (known !== undefined) return known;
    if (this.#paces.size >= MOST_NAMES) this.#paces.clear();
    const pace = new Pace(this.#shortMs);
    this.#paces.set(name, pace);
    return pace;
  }
}
