import type { Batch, Column, DataType, ValueArray } from "@uwdata/flechette";

import { type BatchInit, CheckedBatch } from "./checked-batch.ts";
import { invalid } from "./failure.ts";

/**
 * Proven offsets of lists, made at first use: a copy that ascends and ends within the child. So the values of a column are never more
 * than its memory holds, however deep lists are nested in lists.
 */
class ListOffsets {
  readonly #batch: Batch<unknown>;
  #proven: Int32Array | Float64Array | undefined;

  constructor(batch: Batch<unknown>) {
    this.#batch = batch;
  }

  at(index: number): number {
    return (this.#proven ??= this.#prove())[index] as number;
  }

  #prove(): Int32Array | Float64Array {
    const { offsets, children } = this.#batch;
    const limit = (children[0] as Batch<unknown>).length;
    const copy =
      offsets instanceof Int32Array ? offsets.slice() : Float64Array.from(offsets, Number);
    let last = 0;
    for (const offset of copy) {
      if (offset < last || offset > limit) {
        throw invalid("the lists of a column overlap or end outside of it");
      }
      last = offset;
    }
    return copy;
  }
}

/** Lists with offsets of 32 or 64 bits. */
export class ListsBatch extends CheckedBatch<ValueArray<unknown>> {
  readonly #offsets: ListOffsets = new ListOffsets(this);

  override value(index: number): ValueArray<unknown> {
    const [items] = this.children as [Batch<unknown>];
    return items.slice(this.#offsets.at(index), this.#offsets.at(index + 1));
  }
}

/** Maps as their pairs, in order. */
export class PairsBatch extends CheckedBatch<[unknown, unknown][]> {
  readonly #offsets: ListOffsets = new ListOffsets(this);

  override value(index: number): [unknown, unknown][] {
    const [keys, values] = (this.children[0] as Batch<unknown>).children as [
      Batch<unknown>,
      Batch<unknown>,
    ];
    const start = this.#offsets.at(index);
    const length = this.#offsets.at(index + 1) - start;
    return Array.from({ length }, (_, at) => [keys.at(start + at), values.at(start + at)]);
  }
}

/** Maps as `Map`, where the last of equal keys counts. */
export class MapsBatch extends CheckedBatch<Map<unknown, unknown>> {
  readonly #pairs: PairsBatch;

  constructor(init: BatchInit) {
    super(init);
    this.#pairs = new PairsBatch(init);
  }

  override value(index: number): Map<unknown, unknown> {
    return new Map(this.#pairs.value(index));
  }
}

/** Unions: one of several types for each row. Dense ones have offsets, sparse ones none. */
export class UnionBatch extends CheckedBatch<unknown> {
  readonly typeIds: Int8Array;
  readonly typeMap: Readonly<Record<number, number>>;

  constructor(init: BatchInit & { readonly typeIds: Int8Array }) {
    super(init);
    this.typeIds = init.typeIds;
    this.typeMap = (init.type as DataType & { typeMap: Record<number, number> }).typeMap;
  }

  override value(index: number): unknown {
    const typeId = this.typeIds[index] as number;
    const child = this.children[this.typeMap[typeId] ?? -1];
    if (child === undefined) throw invalid(`a union has no type ${typeId}`);
    const at = (this.offsets as Int32Array | null)?.[index] ?? index;
    if (at < 0 || at >= child.length) throw invalid(`value ${at} of a union is not there`);
    return child.at(at);
  }
}

/** What keys stand for; it grows by deltas until it is replaced. */
export interface DictionarySource {
  readonly column: Column<unknown>;
}

/** Keys of a dictionary, whose values are read at first use. */
export class DictionaryBatch extends CheckedBatch<unknown> {
  readonly #source: DictionarySource;
  #cache: ValueArray<unknown> | undefined;

  constructor(init: BatchInit, source: DictionarySource) {
    super(init);
    this.#source = source;
  }

  get dictionary(): Column<unknown> {
    return this.#source.column;
  }

  override value(index: number): unknown {
    const values = (this.#cache ??= this.dictionary.cache());
    const key = this.key(index);
    if (key < 0 || key >= values.length) throw invalid(`dictionary has no value ${key}`);
    return values[key];
  }

  key(index: number): number {
    return Number(this.values[index]);
  }
}
