import { type DataType, Type, type TypedArray } from "@uwdata/flechette";

import { bitmapBytes, valueBits, valueBytes } from "./element-bytes.ts";
import { invalid, unsupported } from "./failure.ts";
import { type FlatPart, int64, numbers, part, table } from "./flat-builder.ts";
import { aligned } from "./format.ts";
import type { SourceBatch } from "./source-table.ts";

const VIEW_BYTES = 16;

/** Which buffers one batch will have, and where; they are copied when they are written. */
export class BodyPlan {
  readonly rows: number;
  readonly #nodes: number[] = [];
  readonly #regions: number[] = [];
  readonly #buffers: Uint8Array[] = [];
  readonly #variadic: number[] = [];
  #bytes = 0;

  constructor(
    rows: number,
    columns: readonly { readonly type: DataType; readonly batch: SourceBatch }[],
  ) {
    this.rows = rows;
    for (const { type, batch } of columns) this.#add(type, batch);
  }

  /** A multiple of the alignment of buffers. */
  get byteLength(): number {
    return this.#bytes;
  }

  /** The RecordBatch of the metadata. */
  get header(): FlatPart {
    return table([
      int64(this.rows),
      part(numbers(8, this.#nodes, 2)),
      part(numbers(8, this.#regions, 2)),
      undefined,
      this.#variadic.length === 0 ? undefined : part(numbers(8, this.#variadic)),
    ]);
  }

  /** Writes the buffers with zeros between them: what was in the memory before is nobody's business. */
  write(target: Uint8Array, start: number): void {
    let end = start;
    for (const [index, buffer] of this.#buffers.entries()) {
      const at = start + (this.#regions[index * 2] as number);
      target.fill(0, end, at);
      target.set(buffer, at);
      end = at + buffer.byteLength;
    }
    target.fill(0, end, start + this.#bytes);
  }

  #add(type: DataType, batch: SourceBatch): void {
    const { length } = batch;
    const isNull = type.typeId === Type.Null;
    const isUnion = type.typeId === Type.Union;
    this.#nodes.push(length, isNull ? length : isUnion ? 0 : batch.nullCount);
    if (isNull) return;
    if (isUnion) this.#addUnion(type, batch);
    else this.#addValidity(batch);
    switch (type.typeId) {
      case Type.Utf8:
      case Type.LargeUtf8:
      case Type.Binary:
      case Type.LargeBinary:
        return this.#addBytes(batch, type.offsets);
      case Type.Utf8View:
      case Type.BinaryView:
        return this.#addViews(batch);
      case Type.List:
      case Type.LargeList:
      case Type.Map:
        this.#addOffsets(batch, type.offsets);
        return this.#addChildren(type.children, batch);
      case Type.FixedSizeList:
      case Type.Struct:
      case Type.Union:
        return this.#addChildren(type.children, batch);
      default:
        return this.#addFlat(type, batch);
    }
  }

  #addFlat(type: DataType, batch: SourceBatch): void {
    const bits = valueBits(type);
    if (bits === undefined) throw unsupported(`type ${type.typeId}`);
    this.#push(batch.values, valueBytes(bits, batch.length));
  }

  #addValidity({ nullCount, validity, length }: SourceBatch): void {
    this.#push(validity, nullCount === 0 ? 0 : bitmapBytes(length));
  }

  /** A slice of a column has offsets that begin somewhere; what is before is left out. */
  #addBytes(batch: SourceBatch, kind: Int32ArrayConstructor | BigInt64ArrayConstructor): void {
    const { length, values } = batch;
    const offsets = this.#offsetsOf(batch, kind);
    const start = Number(offsets[0]);
    const end = Number(offsets[length]);
    if (start < 0 || end < start || end > (values?.byteLength ?? 0)) {
      throw invalid("the offsets of a column are outside of its values");
    }
    const bytes = offsets.BYTES_PER_ELEMENT * (length + 1);
    this.#push(start === 0 ? offsets : rebased(offsets, length), bytes);
    this.#push((values as Uint8Array | undefined)?.subarray(start, end), end - start);
  }

  #addOffsets(batch: SourceBatch, kind: Int32ArrayConstructor | BigInt64ArrayConstructor): void {
    const offsets = this.#offsetsOf(batch, kind);
    this.#push(offsets, offsets.BYTES_PER_ELEMENT * (batch.length + 1));
  }

  #offsetsOf(
    { length, offsets }: SourceBatch,
    kind: Int32ArrayConstructor | BigInt64ArrayConstructor,
  ): Int32Array | BigInt64Array {
    if (length === 0) return new kind(1);
    if (offsets instanceof kind) return offsets as Int32Array | BigInt64Array;
    throw invalid("a column has no offsets");
  }

  #addViews({ length, values, data }: SourceBatch): void {
    this.#push(values, length * VIEW_BYTES);
    const buffers = data ?? [];
    this.#variadic.push(buffers.length);
    for (const buffer of buffers) this.#push(buffer, buffer.byteLength);
  }

  #addUnion(type: DataType & { readonly typeId: 14 }, batch: SourceBatch): void {
    const hasNulls = batch.nullCount > 0 && (batch.validity?.byteLength ?? 0) > 0;
    if (hasNulls) throw unsupported("a union with nulls of its own");
    this.#push(batch.typeIds, batch.length);
    if (type.mode === 1) this.#push(batch.offsets, batch.length * 4);
  }

  #addChildren(fields: readonly { readonly type: DataType }[], { children }: SourceBatch): void {
    for (const [index, { type }] of fields.entries()) {
      const child = children?.[index];
      if (child === undefined) throw invalid("a nested column lacks a field");
      this.#add(type, child);
    }
  }

  #push(buffer: TypedArray | null | undefined, bytes: number): void {
    if ((buffer?.byteLength ?? 0) < bytes) {
      throw invalid(`a buffer has ${buffer?.byteLength ?? 0} bytes where its values need ${bytes}`);
    }
    const content =
      buffer && bytes > 0
        ? new Uint8Array(buffer.buffer, buffer.byteOffset, bytes)
        : new Uint8Array(0);
    this.#buffers.push(content);
    this.#regions.push(this.#bytes, bytes);
    this.#bytes += aligned(bytes);
  }
}

function rebased(offsets: Int32Array | BigInt64Array, length: number): Int32Array | BigInt64Array {
  if (offsets instanceof Int32Array) {
    const [start] = offsets as unknown as [number];
    return offsets.subarray(0, length + 1).map((offset) => offset - start);
  }
  const [start] = offsets as unknown as [bigint];
  return offsets.subarray(0, length + 1).map((offset) => offset - start);
}
