import {
  Batch,
  type Column,
  type DataType,
  type TypedArray,
  type ValueArray,
} from "@uwdata/flechette";

import { invalid } from "./failure.ts";

/*
 * Batches whose buffers say where values are. Flechette believes them; these do not: each offset, index and type number is read once and
 * judged before it is used, as the memory may belong to somebody else who writes it now.
 */

/** What flechette makes a batch of. */
export interface BatchInit {
  readonly length: number;
  readonly nullCount: number;
  readonly type: DataType;
  readonly validity: Uint8Array;
  readonly values?: TypedArray;
  readonly offsets?: Int32Array | BigInt64Array;
  readonly children?: Batch<unknown>[];
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw invalid("a string is not UTF-8");
  }
}

/** @throws {AmphisError} ARROW_INVALID when the part does not lie within so many */
function checkRange(start: number, end: number, length: number): void {
  if (start >= 0 && start <= end && end <= length) return;
  throw invalid(`a value is said to be from ${start} to ${end} of ${length}`);
}

/** Values that come out as they are made, in a plain array. */
abstract class CheckedBatch<T> extends Batch<T> {
  static override ArrayType: ArrayConstructor = Array;

  constructor(init: BatchInit) {
    super(init as unknown as ConstructorParameters<typeof Batch>[0]);
  }

  abstract override value(index: number): T;
}

/** Binary values of any length, with offsets of 32 or 64 bits. */
export class BytesBatch extends CheckedBatch<Uint8Array> {
  override value(index: number): Uint8Array {
    const values = this.values as Uint8Array;
    const start = Number(this.offsets[index]);
    const end = Number(this.offsets[index + 1]);
    checkRange(start, end, values.length);
    return values.subarray(start, end);
  }
}

/** Strings with offsets of 32 or 64 bits. */
export class TextBatch extends CheckedBatch<string> {
  override value(index: number): string {
    const values = this.values as Uint8Array;
    const start = Number(this.offsets[index]);
    const end = Number(this.offsets[index + 1]);
    checkRange(start, end, values.length);
    return start === end ? "" : decode(values.subarray(start, end));
  }
}

const VIEW_BYTES = 16;
const INLINE_BYTES = 12;

/** Binary views: each is 16 bytes with its length, and the bytes themselves or where they are. */
export class BytesViewBatch extends CheckedBatch<Uint8Array> {
  readonly data: readonly Uint8Array[];
  readonly #views: DataView;

  constructor(init: BatchInit & { readonly data: readonly Uint8Array[] }) {
    super(init);
    this.data = init.data;
    const { buffer, byteOffset, byteLength } = init.values as Uint8Array;
    this.#views = new DataView(buffer, byteOffset, byteLength);
  }

  override value(index: number): Uint8Array {
    const at = index * VIEW_BYTES;
    const length = this.#views.getInt32(at, true);
    if (length >= 0 && length <= INLINE_BYTES) {
      return (this.values as Uint8Array).subarray(at + 4, at + 4 + length);
    }
    const bytes = this.data[this.#views.getInt32(at + 8, true)];
    if (bytes === undefined) throw invalid("a view refers to a buffer that is not there");
    const start = this.#views.getInt32(at + 12, true);
    checkRange(start, start + length, bytes.length);
    return bytes.subarray(start, start + length);
  }
}

export class TextViewBatch extends CheckedBatch<string> {
  readonly data: readonly Uint8Array[];
  readonly #bytes: BytesViewBatch;

  constructor(init: BatchInit & { readonly data: readonly Uint8Array[] }) {
    super(init);
    this.data = init.data;
    this.#bytes = new BytesViewBatch(init);
  }

  override value(index: number): string {
    return decode(this.#bytes.value(index));
  }
}

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

const NANOSECONDS_AT = 8;

/** Intervals of months, days and nanoseconds, which may be more than a number holds. */
export class MonthDayNanoBatch extends CheckedBatch<[number, number, bigint]> {
  override value(index: number): [number, number, bigint] {
    const { buffer, byteOffset, byteLength } = this.values as Uint8Array;
    const view = new DataView(buffer, byteOffset, byteLength);
    const at = index * VIEW_BYTES;
    const nanoseconds = view.getBigInt64(at + NANOSECONDS_AT, true);
    return [view.getInt32(at, true), view.getInt32(at + 4, true), nanoseconds];
  }
}

const WORD_BITS = 64n;

/** Decimals of 64, 128 or 256 bits, as integers without their scale. */
export class DecimalBatch extends CheckedBatch<bigint> {
  readonly #words: number;

  constructor(init: BatchInit) {
    super(init);
    this.#words = (init.type as DataType & { bitWidth: number }).bitWidth / 64;
  }

  override value(index: number): bigint {
    const values = this.values as BigUint64Array;
    const first = index * this.#words;
    let unscaled = BigInt.asIntN(64, values[first + this.#words - 1] as bigint);
    for (let word = this.#words - 2; word >= 0; word -= 1) {
      unscaled = (unscaled << WORD_BITS) | (values[first + word] as bigint);
    }
    return unscaled;
  }
}

/** Decimals of any width as numbers, which are near them. */
export class DecimalNumberBatch extends CheckedBatch<number> {
  readonly #unscaled: DecimalBatch | undefined;
  readonly #scale: number;

  constructor(init: BatchInit) {
    super(init);
    const { bitWidth, scale } = init.type as DataType & { bitWidth: number; scale: number };
    this.#unscaled = bitWidth === 32 ? undefined : new DecimalBatch(init);
    this.#scale = scale;
  }

  override value(index: number): number {
    const unscaled = this.#unscaled?.value(index) ?? BigInt(this.values[index] as number);
    // The text of a number is read to the nearest one, which a division of rounded numbers does not give.
    return Number(`${unscaled}e${-this.#scale}`);
  }
}

/** Dates in milliseconds, as they are. */
export class MillisecondsBatch extends CheckedBatch<number> {
  override value(index: number): number {
    return exact(this.values[index] as bigint);
  }
}

/** Dates in milliseconds, as `Date`. */
export class DatesBatch extends CheckedBatch<Date> {
  override value(index: number): Date {
    return new Date(exact(this.values[index] as bigint));
  }
}

/** @throws {AmphisError} ARROW_INVALID for what a number cannot hold */
function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw invalid(`${value} is beyond 2^53, where numbers end`);
  return number;
}
