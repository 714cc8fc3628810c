import type { DataType, Schema, Table, TypedArray } from "@uwdata/flechette";

import { invalid } from "./failure.ts";

/** A piece of a column to be written; a flechette `Batch` is one. */
export interface SourceBatch {
  readonly length: number;
  readonly nullCount: number;
  readonly type: DataType;
  readonly validity?: TypedArray | null | undefined;
  readonly values?: TypedArray | null | undefined;
  readonly offsets?: TypedArray | null | undefined;
  readonly typeIds?: TypedArray | null | undefined;
  readonly children?: readonly SourceBatch[] | null | undefined;
  /** Buffers of a view column beyond its first two. */
  readonly data?: readonly Uint8Array[] | null | undefined;
  readonly dictionary?: SourceColumn | null | undefined;
}

/** Pieces of one column, one after another; who is the same object has the same values. */
export interface SourceColumn {
  readonly data: readonly SourceBatch[];
}

/** A table to be written, batch by batch. */
export interface SourceTable {
  readonly schema: Schema;
  readonly batches: readonly {
    readonly rows: number;
    readonly columns: readonly SourceBatch[];
  }[];
}

/** @throws {AmphisError} ARROW_INVALID when its columns are not cut at the same rows */
export function sourceOfFlechette(table: Table): SourceTable {
  const columns = table.children as readonly { readonly data: readonly unknown[] }[];
  const data = columns.map((column) => column.data as readonly SourceBatch[]);
  const [first] = data;
  if (first === undefined) {
    const { numRows: rows } = table;
    return { schema: table.schema, batches: rows === 0 ? [] : [{ rows, columns: [] }] };
  }
  for (const column of data) {
    const isSame =
      column.length === first.length &&
      column.every((batch, at) => batch.length === first[at]?.length);
    if (!isSame) throw invalid("its columns are cut into batches at different rows");
  }
  return {
    schema: table.schema,
    batches: first.map(({ length }, at) => ({
      rows: length,
      columns: data.map((column) => column[at] as SourceBatch),
    })),
  };
}
