import { invalid } from "./failure.ts";

const SLOT_BYTES = 2;
const VTABLE_HEADER_BYTES = 4;
const OFFSET_BYTES = 4;

/** How often over a buffer may be walked: tables may share what they refer to, but not multiply it. */
const WALKS = 16;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * One FlatBuffer in memory that nobody else writes. Each place is judged before it is read, and all that is ever read is bounded by its
 * length, however its parts refer to each other.
 */
class FlatBuffer {
  readonly view: DataView;
  #left: number;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#left = bytes.byteLength * WALKS;
  }

  /** Proves that so many bytes are there, and counts them. */
  claim(at: number, length: number): number {
    if (at < 0 || at + length > this.view.byteLength) {
      throw invalid(`metadata refers to byte ${at}, which is outside of it`);
    }
    this.#left -= length;
    if (this.#left < 0) throw invalid("metadata refers to itself again and again");
    return at;
  }

  /** Where an offset that is stored at a place leads. */
  target(at: number): number {
    return at + this.view.getUint32(this.claim(at, OFFSET_BYTES), true);
  }
}

/**
 * A table of a FlatBuffer. Fields have numbers; one that is absent has its default.
 *
 * Every method throws ARROW_INVALID when what it would read lies outside.
 */
export class FlatTable {
  readonly #buffer: FlatBuffer;
  readonly #at: number;
  readonly #bytes: number;
  readonly #vtable: number;
  readonly #slots: number;

  private constructor(buffer: FlatBuffer, at: number) {
    const { view } = buffer;
    this.#buffer = buffer;
    this.#at = buffer.claim(at, OFFSET_BYTES);
    this.#vtable = at - view.getInt32(at, true);
    buffer.claim(this.#vtable, VTABLE_HEADER_BYTES);
    const vtableBytes = view.getUint16(this.#vtable, true);
    this.#bytes = view.getUint16(this.#vtable + SLOT_BYTES, true);
    buffer.claim(this.#vtable, Math.max(vtableBytes, VTABLE_HEADER_BYTES));
    buffer.claim(at, Math.max(this.#bytes, OFFSET_BYTES));
    this.#slots = Math.floor((vtableBytes - VTABLE_HEADER_BYTES) / SLOT_BYTES);
  }

  /** The root of a buffer; the bytes must not change any more. */
  static root(bytes: Uint8Array): FlatTable {
    const buffer = new FlatBuffer(bytes);
    return new FlatTable(buffer, buffer.target(0));
  }

  uint8(field: number, absent = 0): number {
    const at = this.#find(field, 1);
    return at === undefined ? absent : this.#buffer.view.getUint8(at);
  }

  boolean(field: number): boolean {
    return this.uint8(field) !== 0;
  }

  int16(field: number, absent = 0): number {
    const at = this.#find(field, 2);
    return at === undefined ? absent : this.#buffer.view.getInt16(at, true);
  }

  int32(field: number, absent = 0): number {
    const at = this.#find(field, 4);
    return at === undefined ? absent : this.#buffer.view.getInt32(at, true);
  }

  int64(field: number): number {
    const at = this.#find(field, 8);
    return at === undefined ? 0 : exact(this.#buffer.view.getBigInt64(at, true));
  }

  table(field: number): FlatTable | undefined {
    const at = this.#find(field, OFFSET_BYTES);
    return at === undefined ? undefined : new FlatTable(this.#buffer, this.#buffer.target(at));
  }

  string(field: number): string | undefined {
    const vector = this.#vector(field, 1);
    if (vector === undefined) return undefined;
    const { buffer, byteOffset } = this.#buffer.view;
    try {
      return utf8.decode(new Uint8Array(buffer, byteOffset + vector.at, vector.count));
    } catch {
      throw invalid("a name in the metadata is not UTF-8");
    }
  }

  tables(field: number): readonly FlatTable[] {
    return this.#items(
      field,
      OFFSET_BYTES,
      (at) => new FlatTable(this.#buffer, this.#buffer.target(at)),
    );
  }

  int32s(field: number): readonly number[] {
    return this.#items(field, 4, (at) => this.#buffer.view.getInt32(at, true));
  }

  int64s(field: number): readonly number[] {
    return this.#items(field, 8, (at) => exact(this.#buffer.view.getBigInt64(at, true)));
  }

  /** A vector of pairs of 64-bit integers. */
  pairs(field: number): readonly (readonly [number, number])[] {
    const { view } = this.#buffer;
    return this.#items(field, 16, (at) => [
      exact(view.getBigInt64(at, true)),
      exact(view.getBigInt64(at + 8, true)),
    ]);
  }

  /** Blocks of a file: where a message is, the length of its metadata with the prefix, and of its body. */
  blocks(field: number): readonly (readonly [number, number, number])[] {
    const { view } = this.#buffer;
    return this.#items(field, 24, (at) => [
      exact(view.getBigInt64(at, true)),
      view.getInt32(at + 8, true),
      exact(view.getBigInt64(at + 16, true)),
    ]);
  }

  has(field: number): boolean {
    return this.#find(field, 1) !== undefined;
  }

  #find(field: number, bytes: number): number | undefined {
    if (field >= this.#slots) return undefined;
    const offset = this.#buffer.view.getUint16(
      this.#vtable + VTABLE_HEADER_BYTES + field * SLOT_BYTES,
      true,
    );
    if (offset === 0) return undefined;
    if (offset + bytes > this.#bytes) throw invalid("a field of the metadata is outside its table");
    return this.#at + offset;
  }

  #vector(
    field: number,
    stride: number,
  ): { readonly at: number; readonly count: number } | undefined {
    const found = this.#find(field, OFFSET_BYTES);
    if (found === undefined) return undefined;
    const start = this.#buffer.target(found);
    const count = this.#buffer.view.getUint32(this.#buffer.claim(start, OFFSET_BYTES), true);
    return { at: this.#buffer.claim(start + OFFSET_BYTES, count * stride), count };
  }

  #items<T>(field: number, stride: number, read: (at: number) => T): readonly T[] {
    const vector = this.#vector(field, stride);
    if (vector === undefined) return [];
    return Array.from({ length: vector.count }, (_, index) => read(vector.at + index * stride));
  }
}

/** Lengths, offsets and identities fit a number, or are wrong. */
function exact(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw invalid(`${value} in the metadata is beyond 2^53`);
  return number;
}
