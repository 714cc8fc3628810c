import type { Field, Metadata, TypedArray } from "@uwdata/flechette";

import { bitmapBytes } from "./element-bytes.ts";
import { type ForeignField, type ForeignType, typeOfForeign } from "./foreign-type.ts";
import type { SourceBatch, SourceColumn, SourceTable } from "./source-table.ts";

/** What is used of the `Data` of apache-arrow: a slice of its buffers. */
export interface ForeignData {
  readonly type: ForeignType;
  /** Where it begins, in bits, in the buffers that hold bits; the others begin with it. */
  readonly offset: number;
  readonly length: number;
  readonly nullCount: number;
  readonly nullBitmap?: Uint8Array | null;
  readonly values?: unknown;
  readonly valueOffsets?: unknown;
  readonly typeIds?: unknown;
  readonly variadicBuffers?: readonly Uint8Array[] | null;
  readonly children: readonly ForeignData[];
  readonly dictionary?: { readonly data: readonly ForeignData[] } | undefined;
}

/** A `Table` of apache-arrow, by its shape: Amphis does not depend on that package. */
export interface ForeignTable {
  readonly schema: {
    readonly fields: readonly ForeignField[];
    readonly metadata: ReadonlyMap<string, string>;
  };
  readonly batches: readonly {
    readonly numRows: number;
    readonly data: { readonly children: readonly ForeignData[] };
  }[];
}

export function isForeignTable(table: object): table is ForeignTable {
  const { batches, schema } = table as Partial<ForeignTable>;
  return Array.isArray(batches) && Array.isArray(schema?.fields);
}

export function sourceOfForeign(table: ForeignTable): SourceTable {
  const known = new Map<ForeignData, SourceBatch>();
  return {
    schema: {
      fields: table.schema.fields.map(fieldOfForeign),
      metadata: new Map(table.schema.metadata),
    },
    batches: table.batches.map(({ numRows, data }) => ({
      rows: numRows,
      columns: data.children.map((child) => batchOfForeign(child, known)),
    })),
  };
}

function fieldOfForeign({ name, type, nullable, metadata }: ForeignField): Field {
  return {
    name,
    nullable,
    type: typeOfForeign(type, fieldOfForeign),
    metadata: new Map(metadata ?? []) as Metadata,
  };
}

/** The same piece comes out as the same object, so that a dictionary is known again. */
function batchOfForeign(data: ForeignData, known: Map<ForeignData, SourceBatch>): SourceBatch {
  const found = known.get(data);
  if (found !== undefined) return found;
  const { offset, length, nullCount, dictionary } = data;
  const type = typeOfForeign(data.type, fieldOfForeign);
  const values = data.values as TypedArray | undefined;
  const batch: SourceBatch = {
    length,
    nullCount,
    type,
    validity: nullCount > 0 ? bitsFrom(data.nullBitmap, offset, length) : undefined,
    values: type.typeId === 6 ? bitsFrom(values, offset, length) : values,
    offsets: data.valueOffsets as TypedArray | undefined,
    typeIds: data.typeIds as TypedArray | undefined,
    data: data.variadicBuffers,
    children: data.children.map((child) => batchOfForeign(child, known)),
    dictionary: dictionary && columnOfForeign(dictionary.data, known),
  };
  known.set(data, batch);
  return batch;
}

function columnOfForeign(
  data: readonly ForeignData[],
  known: Map<ForeignData, SourceBatch>,
): SourceColumn {
  return { data: data.map((piece) => batchOfForeign(piece, known)) };
}

/** Bits from some bit on; a view where that is the first of a byte, else a copy. */
function bitsFrom(
  bits: TypedArray | null | undefined,
  start: number,
  length: number,
): Uint8Array | undefined {
  if (!bits) return undefined;
  const bytes = new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength).subarray(start >> 3);
  const shift = start % 8;
  if (shift === 0) return bytes;
  return Uint8Array.from(
    { length: bitmapBytes(length) },
    (_, at) => ((bytes[at] ?? 0) >> shift) | ((bytes[at + 1] ?? 0) << (8 - shift)),
  );
}
