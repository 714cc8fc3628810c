import type { TypedArray } from "@uwdata/flechette";

import { bitmapBytes } from "./element-bytes.ts";
import { invalid, unsupported } from "./failure.ts";
import type { FlatTable } from "./flat-table.ts";
import { MAX_ROWS, VERSION } from "./format.ts";

/*
 * RecordBatch                                    BodyCompression
 *  0 i64 rows                                     0 i8 codec
 *  1 [i64 length, i64 nulls] for each field       1 i8 method
 *  2 [i64 offset, i64 length] for each buffer
 *  3 BodyCompression
 *  4 [i64] buffers of each view column beyond its first two
 */

const CODECS: Readonly<Record<number, string>> = { 0: "LZ4", 1: "ZSTD" };

export interface FieldNode {
  readonly length: number;
  readonly nullCount: number;
}

interface ArrayKind {
  readonly BYTES_PER_ELEMENT: number;
}

/** Where the body of a batch is. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly length: number;
  readonly version: number;
}

/**
 * Walks the lengths and buffers of one batch in the order in which its columns need them. Every buffer that it shows is inside the body,
 * and as long as its values need.
 */
export class BatchCursor {
  readonly rows: number;
  /** Whether unions have a validity, which later versions dropped. */
  readonly unionsHaveValidity: boolean;
  readonly #body: Body;
  readonly #nodes: Iterator<readonly [number, number]>;
  readonly #buffers: Iterator<readonly [number, number]>;
  readonly #variadic: Iterator<number>;

  /** @throws {AmphisError} ARROW_UNSUPPORTED for compressed buffers, ARROW_INVALID */
  constructor(header: FlatTable, body: Body) {
    const compression = header.table(3);
    if (compression !== undefined) {
      const codec = compression.uint8(0);
      throw unsupported(`${CODECS[codec] ?? `codec ${codec}`} compression`);
    }
    this.rows = lengthOf(header.int64(0));
    this.unionsHaveValidity = body.version < VERSION.v5;
    this.#body = body;
    this.#nodes = header.pairs(1)[Symbol.iterator]();
    this.#buffers = header.pairs(2)[Symbol.iterator]();
    this.#variadic = header.int64s(4)[Symbol.iterator]();
  }

  node(): FieldNode {
    const [length, nullCount] = taken(this.#nodes, "lengths than columns");
    if (nullCount < 0 || nullCount > length) {
      throw invalid(`a column of ${length} values has ${nullCount} nulls`);
    }
    return { length: lengthOf(length), nullCount };
  }

  /** Which values are there; empty when all are. */
  validity({ length, nullCount }: FieldNode): Uint8Array {
    const bytes = this.bytes();
    return nullCount === 0 ? bytes.subarray(0, 0) : leading(bytes, bitmapBytes(length));
  }

  /** The next buffer, all of it. */
  bytes(): Uint8Array {
    const [offset, length] = taken(this.#buffers, "buffers than its columns need");
    if (offset < 0 || length < 0 || offset + length > this.#body.length) {
      throw invalid(`a buffer of ${length} bytes at ${offset} is outside of its message`);
    }
    const start = this.#body.at + offset;
    return this.#body.bytes.subarray(start, start + length);
  }

  /** The next buffer as so many elements. */
  elements<T extends TypedArray>(
    kind: ArrayKind & (new (buffer: ArrayBufferLike, at: number, count: number) => T),
    count: number,
  ): T {
    const bytes = leading(this.bytes(), count * kind.BYTES_PER_ELEMENT);
    if (bytes.byteOffset % kind.BYTES_PER_ELEMENT !== 0) {
      // An empty buffer has no place of its own.
      if (count === 0) return new kind(new ArrayBuffer(0), 0, 0);
      throw invalid(
        `a buffer is not aligned to ${kind.BYTES_PER_ELEMENT} bytes in memory; copy the bytes to where they are`,
      );
    }
    return new kind(bytes.buffer, bytes.byteOffset, count);
  }

  /** How many further buffers the next view column has. */
  variadic(): number {
    const count = taken(this.#variadic, "counts of view buffers than its columns need");
    if (count < 0) throw invalid(`a view column has ${count} buffers`);
    return count;
  }

  /** Proves that nothing is left, so that no column was taken for another. */
  finish(): void {
    const isDone = [this.#nodes, this.#buffers, this.#variadic].every((rest) => rest.next().done);
    if (!isDone) throw invalid("a batch has more lengths or buffers than its columns need");
  }
}

function taken<T>(from: Iterator<T>, what: string): T {
  const next = from.next();
  if (next.done === true) throw invalid(`a batch has fewer ${what}`);
  return next.value;
}

function leading(bytes: Uint8Array, needed: number): Uint8Array {
  if (bytes.byteLength >= needed) return bytes.subarray(0, needed);
  throw invalid(`a buffer has ${bytes.byteLength} bytes where its values need ${needed}`);
}

function lengthOf(value: number): number {
  if (value < 0) throw invalid(`a length is ${value}`);
  if (value > MAX_ROWS) throw unsupported("a column of more than 2^31 - 1 values");
  return value;
}
