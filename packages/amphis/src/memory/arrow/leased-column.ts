import { type Batch, Column, type DataType, type ValueArray } from "@uwdata/flechette";

import type { TensorMemory } from "../tensor.ts";

/**
 * A column that holds the memory it shows, and refuses values once that is released.
 *
 * What it gave before is as any view of a lease: `data`, its batches, and arrays that are views.
 */
export class LeasedColumn<T> extends Column<T> {
  readonly #memory: TensorMemory;

  constructor(memory: TensorMemory, data: Batch<T>[], type: DataType) {
    super(data, type);
    this.#memory = memory;
    // Flechette puts a faster `at` on a column of one batch, which would hide the one below.
    const find = data.length === 1 ? (index: number) => data[0]?.at(index) as T | null : super.at;
    this.at = (index) => {
      this.#check();
      return find.call(this, index);
    };
  }

  override toArray(): ValueArray<T | null> {
    this.#check();
    return super.toArray();
  }

  override [Symbol.iterator](): Iterator<T | null> {
    this.#check();
    return super[Symbol.iterator]();
  }

  override cache(): ValueArray<T> {
    this.#check();
    return super.cache();
  }

  /** @throws {AmphisError} LEASE_RELEASED */
  #check(): void {
    void this.#memory.bytes;
  }
}
