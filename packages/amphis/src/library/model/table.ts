import type { Dict, Judge } from "./judge.ts";

/**
 * What a packed model has once and names by number: types, parameters, type parameters.
 *
 * An entry names earlier ones only, so there is no circle. Each counts how large it is when all of it is written out: a few entries could
 * stand for more than any memory holds.
 */
export class Table {
  readonly #judge: Judge;
  readonly #field: string;
  readonly #entries: unknown[] = [];
  readonly #sizes: number[] = [];
  #isOpen = true;

  constructor(judge: Judge, field: string) {
    this.#judge = judge;
    this.#field = field;
  }

  /** Takes entries in their order; `read` checks one, and puts what it names in its place. */
  fill(entries: unknown, mostSize: number, read: (entry: Dict) => number): void {
    for (const one of this.#judge.list(entries, this.#field)) {
      const entry = this.#judge.dict(one, this.#field);
      const size = read(entry);
      if (size > mostSize) this.#judge.refuse(this.#field, `of at most ${mostSize} parts each`);
      this.#entries.push(entry);
      this.#sizes.push(size);
    }
    this.#isOpen = false;
  }

  /** Puts the entry that a field names in its place; gives its size, 0 where the field is missing. */
  resolve(holder: Dict, key: string): number {
    const index = holder[key];
    if (index === undefined) return 0;
    holder[key] = this.#entry(index);
    return this.#sizes[index as number] ?? 0;
  }

  /** As {@link resolve}, for a field that lists any number of entries and may not be missing. */
  resolveAll(holder: Dict, key: string): number {
    const numbers = this.#judge.list(holder[key], this.#field);
    let size = 0;
    const entries: unknown[] = [];
    for (const index of numbers) {
      entries.push(this.#entry(index));
      size += this.#sizes[index as number] ?? 0;
    }
    holder[key] = entries;
    return size;
  }

  #entry(index: unknown): unknown {
    const entry = typeof index === "number" ? this.#entries[index] : undefined;
    if (entry !== undefined) return entry;
    const which = this.#isOpen ? "the number of an earlier one" : "the number of one";
    return this.#judge.refuse(this.#field, which);
  }
}
