import { type Column, type Batch, type DataType } from "@uwdata/flechette";

import { invalid, unsupported } from "./failure.ts";
import type { TensorMemory } from "../tensor.ts";
import { LeasedColumn } from "./leased-column.ts";
import type { DictionarySource } from "./nested-batches.ts";

/** One dictionary from its first batch to its replacement. Deltas only append, so whoever had it before them may see them. */
class Growing implements DictionarySource {
  readonly batches: Batch<unknown>[] = [];
  readonly #memory: TensorMemory;
  readonly #type: DataType;
  #column: Column<unknown> | undefined;

  constructor(memory: TensorMemory, type: DataType) {
    this.#memory = memory;
    this.#type = type;
  }

  /** Asked for when the whole table is open. */
  get column(): Column<unknown> {
    return (this.#column ??= new LeasedColumn(this.#memory, this.batches, this.#type));
  }
}

/** The dictionaries of one table, at the place in its messages that was reached. */
export class Dictionaries {
  readonly #memory: TensorMemory;
  readonly #types: ReadonlyMap<number, DataType>;
  readonly #mayReplace: boolean;
  readonly #current = new Map<number, Growing>();

  constructor(
    memory: TensorMemory,
    types: ReadonlyMap<number, DataType>,
    options: { readonly mayReplace: boolean },
  ) {
    this.#memory = memory;
    this.#types = types;
    this.#mayReplace = options.mayReplace;
  }

  /** @throws {AmphisError} ARROW_INVALID when the schema has no such dictionary */
  typeOf(id: number): DataType {
    const type = this.#types.get(id);
    if (type === undefined) throw invalid(`the schema has no dictionary ${id}`);
    return type;
  }

  add(id: number, batch: Batch<unknown>, isDelta: boolean): void {
    const current = this.#current.get(id);
    if (isDelta) {
      if (current === undefined) throw invalid(`dictionary ${id} grows before it begins`);
      current.batches.push(batch);
      return;
    }
    if (current !== undefined && !this.#mayReplace) {
      throw unsupported("a file that replaces a dictionary");
    }
    const next = new Growing(this.#memory, this.typeOf(id));
    next.batches.push(batch);
    this.#current.set(id, next);
  }

  /** What keys stand for now; a column of nulls only may come before its dictionary, or without one. */
  get(id: number): DictionarySource {
    let found = this.#current.get(id);
    if (found === undefined) {
      found = new Growing(this.#memory, this.typeOf(id));
    }
    return found;
  }
}
