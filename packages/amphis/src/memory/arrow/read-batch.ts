import {
  type Batch,
  batchType,
  type DataType,
  type ExtractionOptions,
  Type,
  type TypedArray,
} from "@uwdata/flechette";

import type { BatchCursor, FieldNode } from "./batch-cursor.ts";
import type { BatchInit } from "./checked-batch.ts";
import type { Dictionaries } from "./dictionaries.ts";
import { isWeightless, valueBits, valueBytes } from "./element-bytes.ts";
import {
  DatesBatch,
  DecimalBatch,
  DecimalNumberBatch,
  MillisecondsBatch,
  MonthDayNanoBatch,
} from "./exact-batches.ts";
import { invalid, unsupported } from "./failure.ts";
import {
  DictionaryBatch,
  ListsBatch,
  MapsBatch,
  PairsBatch,
  UnionBatch,
} from "./nested-batches.ts";
import { BytesBatch, BytesViewBatch, TextBatch, TextViewBatch } from "./text-batches.ts";

/** Values without bytes that a list may hold: their number is only said, and one access may ask for all. */
const MAX_WEIGHTLESS = 1 << 20;

const VIEW_BYTES = 16;

type AnyBatch = Batch<unknown>;
type BatchClass = new (init: BatchInit) => AnyBatch;

/** Makes batches of one table: views of its memory, with nothing read of the values. */
export class BatchReader {
  readonly #dictionaries: Dictionaries;
  readonly #options: ExtractionOptions;

  constructor(dictionaries: Dictionaries, options: ExtractionOptions) {
    this.#dictionaries = dictionaries;
    this.#options = options;
  }

  /** One column of a batch; its length is that of the batch. */
  column(type: DataType, cursor: BatchCursor): AnyBatch {
    const batch = this.#read(type, cursor);
    if (batch.length !== cursor.rows) {
      throw invalid(`a column has ${batch.length} values in a batch of ${cursor.rows}`);
    }
    return batch;
  }

  #read(type: DataType, cursor: BatchCursor): AnyBatch {
    const node = cursor.node();
    switch (type.typeId) {
      case Type.Null:
        return this.#plain({ ...node, nullCount: node.length, type, validity: new Uint8Array(0) });
      case Type.Utf8:
      case Type.LargeUtf8:
      case Type.Binary:
      case Type.LargeBinary:
        return readBytes(type, node, cursor);
      case Type.Utf8View:
      case Type.BinaryView:
        return readViews(type, node, cursor);
      case Type.List:
      case Type.LargeList:
      case Type.Map:
        return this.#readLists(type, node, cursor);
      case Type.FixedSizeList:
      case Type.Struct:
        return this.#readGroups(type, node, cursor);
      case Type.Union:
        return this.#readUnion(type, node, cursor);
      default:
        return this.#readFlat(type, node, cursor);
    }
  }

  #readFlat(type: DataType, node: FieldNode, cursor: BatchCursor): AnyBatch {
    const validity = cursor.validity(node);
    const bits = valueBits(type);
    if (bits === undefined) throw unsupported(`type ${type.typeId}`);
    const kind = arrayKind(type);
    const needed = valueBytes(bits, node.length);
    const values = cursor.elements<TypedArray>(kind, needed / kind.BYTES_PER_ELEMENT);
    const init = { ...node, type, validity, values };
    if (type.typeId === -1) return new DictionaryBatch(init, this.#dictionaries.get(type.id));
    return this.#exact(init) ?? this.#plain(init);
  }

  /** What flechette reads with less care than it needs. */
  #exact(init: BatchInit): AnyBatch | undefined {
    const { type } = init;
    const { useDecimalInt, useDate } = this.#options;
    if (type.typeId === Type.Interval && type.unit === 2) return new MonthDayNanoBatch(init);
    if (type.typeId === Type.Date && type.unit === 1) {
      return useDate === true ? new DatesBatch(init) : new MillisecondsBatch(init);
    }
    if (type.typeId !== Type.Decimal) return undefined;
    if (useDecimalInt !== true) return new DecimalNumberBatch(init);
    return type.bitWidth === 32 ? undefined : new DecimalBatch(init);
  }

  #readLists(
    type: DataType & { readonly typeId: 12 | 17 | 21 },
    node: FieldNode,
    cursor: BatchCursor,
  ): AnyBatch {
    const validity = cursor.validity(node);
    const offsets = readOffsets(type.offsets, node, cursor);
    const children = type.children.map((child) => this.#item(child.type, cursor));
    const init = { ...node, type, validity, offsets, children };
    if (type.typeId !== Type.Map) return new ListsBatch(init);
    return this.#options.useMap === true ? new MapsBatch(init) : new PairsBatch(init);
  }

  #readGroups(
    type: DataType & { readonly typeId: 13 | 16 },
    node: FieldNode,
    cursor: BatchCursor,
  ): AnyBatch {
    const validity = cursor.validity(node);
    const isList = type.typeId === Type.FixedSizeList;
    const needed = isList ? node.length * type.stride : node.length;
    const children = type.children.map((child) =>
      isList ? this.#item(child.type, cursor) : this.#read(child.type, cursor),
    );
    for (const child of children) checkLength(child, needed);
    return this.#plain({ ...node, type, validity, children });
  }

  #readUnion(
    type: DataType & { readonly typeId: 14 },
    node: FieldNode,
    cursor: BatchCursor,
  ): AnyBatch {
    const { length } = node;
    const validity = cursor.unionsHaveValidity ? cursor.validity(node) : new Uint8Array(0);
    // Later versions know no nulls of the union itself, whatever a writer counted.
    const nullCount = cursor.unionsHaveValidity ? node.nullCount : 0;
    const typeIds = cursor.elements(Int8Array, length);
    const isDense = type.mode === 1;
    const offsets = isDense ? { offsets: cursor.elements(Int32Array, length) } : {};
    const children = type.children.map((child) => this.#read(child.type, cursor));
    if (!isDense) for (const child of children) checkLength(child, length);
    return new UnionBatch({ length, nullCount, type, validity, typeIds, children, ...offsets });
  }

  /** What a list holds. */
  #item(type: DataType, cursor: BatchCursor): AnyBatch {
    const batch = this.#read(type, cursor);
    checkWeight(type, batch);
    return batch;
  }

  #plain(init: BatchInit): AnyBatch {
    const BatchClass = batchType(init.type, this.#options) as BatchClass;
    return new BatchClass(init);
  }
}

/** @throws {AmphisError} ARROW_UNSUPPORTED for a long list or dictionary of values that take no bytes */
export function checkWeight(type: DataType, batch: AnyBatch): void {
  if (batch.length <= MAX_WEIGHTLESS || !isWeightless(type)) return;
  throw unsupported(`a list or dictionary of more than ${MAX_WEIGHTLESS} values without bytes`);
}

function readBytes(
  type: DataType & { readonly typeId: 4 | 5 | 19 | 20 },
  node: FieldNode,
  cursor: BatchCursor,
): AnyBatch {
  const validity = cursor.validity(node);
  const offsets = readOffsets(type.offsets, node, cursor);
  const init = { ...node, type, validity, offsets, values: cursor.bytes() };
  const isText = type.typeId === Type.Utf8 || type.typeId === Type.LargeUtf8;
  return isText ? new TextBatch(init) : new BytesBatch(init);
}

function readViews(
  type: DataType & { readonly typeId: 23 | 24 },
  node: FieldNode,
  cursor: BatchCursor,
): AnyBatch {
  const validity = cursor.validity(node);
  const values = cursor.elements(Uint8Array, node.length * VIEW_BYTES);
  const data: Uint8Array[] = [];
  for (let left = cursor.variadic(); left > 0; left -= 1) data.push(cursor.bytes());
  const init = { ...node, type, validity, values, data };
  return type.typeId === Type.Utf8View ? new TextViewBatch(init) : new BytesViewBatch(init);
}

/** One more than there are values; a column without values may lack them. */
function readOffsets(
  kind: Int32ArrayConstructor | BigInt64ArrayConstructor,
  { length }: FieldNode,
  cursor: BatchCursor,
): Int32Array | BigInt64Array {
  if (length > 0) return cursor.elements<Int32Array | BigInt64Array>(kind, length + 1);
  cursor.bytes();
  return new kind(1);
}

/** What elements of a type with plain values are shown as; bytes where elements are not whole numbers of the platform. */
function arrayKind(
  type: DataType,
): { readonly BYTES_PER_ELEMENT: number } & (new (
  buffer: ArrayBufferLike,
  at: number,
  count: number,
) => TypedArray) {
  if (type.typeId === -1) return type.indices.values;
  return ("values" in type ? type.values : undefined) ?? Uint8Array;
}

function checkLength(child: AnyBatch, needed: number): void {
  if (child.length >= needed) return;
  throw invalid(`a field has ${child.length} values where ${needed} are needed`);
}
