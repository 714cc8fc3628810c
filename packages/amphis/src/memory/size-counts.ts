export interface SizeFigures {
  /** Pieces of up to so many bytes, and above half of it. */
  readonly maxBytes: number;
  readonly pieces: number;
  readonly bytes: number;
}

const POWERS = 48;

/** What is in use, by powers of two. */
export class SizeCounts {
  readonly #pieces = new Float64Array(POWERS);
  readonly #bytes = new Float64Array(POWERS);

  add(bytes: number): void {
    this.#count(bytes, 1);
  }

  remove(bytes: number): void {
    this.#count(bytes, -1);
  }

  figures(): readonly SizeFigures[] {
    return Array.from(this.#pieces, (pieces, power) => ({
      maxBytes: 64 * 2 ** power,
      pieces,
      bytes: this.#bytes[power] as number,
    })).filter(({ pieces }) => pieces > 0);
  }

  #count(bytes: number, pieces: number): void {
    const power = 32 - Math.clz32(bytes / 64 - 1);
    this.#pieces[power] = (this.#pieces[power] as number) + pieces;
    this.#bytes[power] = (this.#bytes[power] as number) + pieces * bytes;
  }
}
