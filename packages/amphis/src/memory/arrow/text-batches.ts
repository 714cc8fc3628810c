import { Buffer } from "node:buffer";

import { type BatchInit, CheckedBatch } from "./checked-batch.ts";
import { invalid } from "./failure.ts";

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

/** What stands in the text of bytes that are no UTF-8, and may stand in any other text. */
const REPLACEMENT = "\u{fffd}";

/** Strings with offsets of 32 or 64 bits. */
export class TextBatch extends CheckedBatch<string> {
  // A buffer of Node reads short strings in half the time of a TextDecoder, but not strictly.
  readonly #text: Buffer;

  constructor(init: BatchInit) {
    super(init);
    const { buffer, byteOffset, byteLength } = init.values as Uint8Array;
    this.#text = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  }

  override value(index: number): string {
    const start = Number(this.offsets[index]);
    const end = Number(this.offsets[index + 1]);
    checkRange(start, end, this.#text.length);
    const text = this.#text.toString("utf8", start, end);
    return text.includes(REPLACEMENT) ? decode(this.#text.subarray(start, end)) : text;
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
