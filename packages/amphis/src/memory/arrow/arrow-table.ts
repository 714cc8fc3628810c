import { type Column, type Schema, Table } from "@uwdata/flechette";

import type { TensorMemory } from "../tensor.ts";

/** A row as an object; of columns with one name, the last. */
export type ArrowRow = Readonly<Record<string, unknown>>;

/**
 * A table whose columns are views of its memory; a flechette `Table` in every way.
 *
 * Over a lease it ends with the lease: then rows and columns are refused with LEASE_RELEASED, and arrays taken before are as any view
 * of a lease. The table holds the lease, and does not release it. What is wrong within the values shows when they are read, as
 * ARROW_INVALID.
 */
export class ArrowTable extends Table {
  /** The lease or the bytes it was opened over. */
  readonly memory: TensorMemory;
  readonly #rows: number;
  readonly #useProxy: boolean;

  /** Made by `openTable`. */
  constructor(
    memory: TensorMemory,
    init: {
      readonly schema: Schema;
      readonly columns: Column<unknown>[];
      readonly rows: number;
      readonly useProxy: boolean;
    },
  ) {
    super(init.schema, init.columns, init.useProxy);
    this.memory = memory;
    this.#rows = init.rows;
    this.#useProxy = init.useProxy;
  }

  override get numRows(): number {
    return this.#rows;
  }

  override at(index: number): ArrowRow {
    this.#check();
    if (this.children.length === 0 && index >= 0 && index < this.#rows) return {};
    return super.at(index);
  }

  override get(index: number): ArrowRow {
    return this.at(index);
  }

  override toArray(): ArrowRow[] {
    this.#check();
    return super.toArray();
  }

  override *[Symbol.iterator](): Generator<ArrowRow> {
    for (const row of super[Symbol.iterator]()) {
      this.#check();
      yield row;
    }
  }

  /** What `select` asks too: columns of the same memory, as a table that ends with it. */
  override selectAt<V>(indices: number[], as?: string[]): Table<Record<string, V>> {
    const { schema, children } = super.selectAt(indices, as);
    const init = { schema, columns: children, rows: this.#rows, useProxy: this.#useProxy };
    return new ArrowTable(this.memory, init) as unknown as Table<Record<string, V>>;
  }

  /** @throws {AmphisError} LEASE_RELEASED */
  #check(): void {
    void this.memory.bytes;
  }
}
