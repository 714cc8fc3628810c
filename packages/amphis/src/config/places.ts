import type { ConfigPath } from "./config-path.ts";

/** Where an option stands in a text, and what it holds: offsets of its name and of its value. */
export interface Place {
  readonly key: number;
  readonly value: number;
  readonly parts: Map<string, Place>;
}

/** A line and a column, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The deepest part of a path that can be found in the text. */
export function placeOf(whole: Place, path: ConfigPath, at: "key" | "value"): number {
  let place = whole;
  for (const step of path) {
    const part = place.parts.get(String(step));
    // What is within something that cannot be seen through is told by its name.
    if (part === undefined) return place.key;
    place = part;
  }
  return place[at];
}

/** The lines of a text. */
export class Lines {
  readonly #text: string;
  readonly #starts: readonly number[];

  constructor(text: string) {
    this.#text = text;
    this.#starts = [0, ...[...text.matchAll(/\n/gu)].map(({ index }) => index + 1)];
  }

  at(offset: number): Position {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }

  /** A line without its end. */
  line(number: number): string {
    const end = this.#starts[number] ?? this.#text.length + 1;
    return this.#text.slice(this.#starts[number - 1], end - 1).replace(/\r$/u, "");
  }

  /** Where a place is, if it were in this text. */
  offset({ line, column }: Position): number {
    const start = this.#starts[line - 1] ?? this.#text.length;
    return Math.min(start + column - 1, this.#text.length);
  }
}
