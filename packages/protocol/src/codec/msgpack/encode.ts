import { Attachment, Handle, Tuple } from "../../value/index.ts";
import { type ByteWriter, writeUtf8 } from "../bytes/index.ts";
import { MAX_INT_BYTES } from "../codec.ts";
import { intToBytes } from "../integer.ts";
import { asRecord } from "../record.ts";
import { isKey, KEY_EXPECTED } from "../key.ts";
import { Refusal } from "../refusal.ts";
import { closeHead, reserveHead, writeExtension, writeExtensionBytes } from "./encode-extension.ts";
import { writeFloat } from "./encode-float.ts";
import * as f from "./format.ts";

/** A string may take three bytes for each unit, and its header five; small ones are ensured together with what follows. */
const MIN_ROOM = 16;
const MAX_UINT32 = 0xffff_ffff;

/**
 * Writes one value. `left` is how many more levels it may nest.
 *
 * @throws {Refusal} for a value that is not in the value set
 */
export function writeValue(out: ByteWriter, value: unknown, left: number): void {
  switch (typeof value) {
    case "string":
      return writeString(out, value);
    case "number":
      return writeNumber(out, value);
    case "boolean":
      out.ensure(MIN_ROOM);
      out.bytes[out.at++] = value ? f.TRUE : f.FALSE;
      return;
    case "undefined":
      return writeNil(out);
    case "bigint":
      return writeBigInt(out, value);
    case "object":
      return value === null ? writeNil(out) : writeObject(out, value, left);
    default:
      return writeForeign(out, value, left);
  }
}

/** Writes what somebody puts in the place of something that is no value. That is not asked about again. */
function writeForeign(out: ByteWriter, value: unknown, left: number): void {
  const { foreign } = out;
  const own = foreign?.translate(value);
  if (own === undefined) throw new Refusal(value, "VALUE_UNSUPPORTED", "a value");
  out.foreign = undefined;
  try {
    writeValue(out, own, left);
  } finally {
    out.foreign = foreign;
  }
}

function writeNil(out: ByteWriter): void {
  out.ensure(MIN_ROOM);
  out.bytes[out.at++] = f.NIL;
}

export function writeString(out: ByteWriter, text: string): void {
  const { length } = text;
  // Room first: the body is written where it ends up if the text is ASCII, and moved if it is not.
  out.ensure(length * 3 + 5);
  const head = out.at;
  const guess = headBytes(length);
  out.at = head + guess;
  const written = writeUtf8(out, text);
  if (written < 0) {
    throw new Refusal(text, "VALUE_UNSUPPORTED", "valid Unicode without lone surrogates");
  }
  const size = written === length ? guess : headBytes(written);
  if (size !== guess) {
    out.bytes.copyWithin(head + size, head + guess, head + guess + written);
    out.at = head + size + written;
  }
  writeStringHead(out, head, size, written);
}

function headBytes(length: number): number {
  return length < 32 ? 1 : length < 0x100 ? 2 : length < 0x1_0000 ? 3 : 5;
}

function writeStringHead(out: ByteWriter, at: number, size: number, length: number): void {
  const { bytes, view } = out;
  if (size === 1) {
    bytes[at] = 0xa0 | length;
  } else if (size === 2) {
    bytes[at] = f.STR8;
    bytes[at + 1] = length;
  } else if (size === 3) {
    bytes[at] = f.STR16;
    view.setUint16(at + 1, length);
  } else {
    bytes[at] = f.STR32;
    view.setUint32(at + 1, length);
  }
}

export function writeNumber(out: ByteWriter, value: number): void {
  out.ensure(MIN_ROOM);
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    if (value >= 0) writeUnsigned(out, value);
    else writeNegative(out, value);
  } else {
    writeFloat(out, value);
  }
}

function writeUnsigned(out: ByteWriter, value: number): void {
  const { bytes, view, at } = out;
  if (value < 0x80) {
    bytes[at] = value;
    out.at = at + 1;
  } else if (value < 0x100) {
    bytes[at] = f.UINT8;
    bytes[at + 1] = value;
    out.at = at + 2;
  } else if (value < 0x1_0000) {
    bytes[at] = f.UINT16;
    view.setUint16(at + 1, value);
    out.at = at + 3;
  } else if (value <= MAX_UINT32) {
    bytes[at] = f.UINT32;
    view.setUint32(at + 1, value);
    out.at = at + 5;
  } else {
    bytes[at] = f.UINT64;
    view.setUint32(at + 1, value / 0x1_0000_0000);
    view.setUint32(at + 5, value >>> 0);
    out.at = at + 9;
  }
}

function writeNegative(out: ByteWriter, value: number): void {
  const { bytes, view, at } = out;
  if (value >= -0x20) {
    bytes[at] = value;
    out.at = at + 1;
  } else if (value >= -0x80) {
    bytes[at] = f.INT8;
    bytes[at + 1] = value;
    out.at = at + 2;
  } else if (value >= -0x8000) {
    bytes[at] = f.INT16;
    view.setInt16(at + 1, value);
    out.at = at + 3;
  } else if (value >= -0x8000_0000) {
    bytes[at] = f.INT32;
    view.setInt32(at + 1, value);
    out.at = at + 5;
  } else {
    bytes[at] = f.INT64;
    view.setBigInt64(at + 1, BigInt(value));
    out.at = at + 9;
  }
}

function writeBigInt(out: ByteWriter, value: bigint): void {
  if (value >= -0x8000_0000_0000_0000n && value <= 0xffff_ffff_ffff_ffffn) {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return writeNumber(out, number);
    out.ensure(MIN_ROOM);
    out.bytes[out.at] = value < 0n ? f.INT64 : f.UINT64;
    out.view.setBigUint64(out.at + 1, BigInt.asUintN(64, value));
    out.at += 9;
    return;
  }
  const bytes = intToBytes(value);
  if (bytes === undefined) {
    throw new Refusal(value, "VALUE_OUT_OF_RANGE", `an int of at most ${MAX_INT_BYTES} bytes`);
  }
  writeExtensionBytes(out, f.EXT_INT, bytes);
}

function writeBytes(out: ByteWriter, bytes: Uint8Array): void {
  const { length } = bytes;
  out.ensure(length + MIN_ROOM);
  if (length < 0x100) {
    out.bytes[out.at] = f.BIN8;
    out.bytes[out.at + 1] = length;
    out.at += 2;
  } else if (length < 0x1_0000) {
    out.bytes[out.at] = f.BIN16;
    out.view.setUint16(out.at + 1, length);
    out.at += 3;
  } else {
    if (length > MAX_UINT32) {
      throw new Refusal(bytes, "VALUE_OUT_OF_RANGE", "at most 4 GiB of bytes");
    }
    out.bytes[out.at] = f.BIN32;
    out.view.setUint32(out.at + 1, length);
    out.at += 5;
  }
  out.bytes.set(bytes, out.at);
  out.at += length;
}

function writeObject(out: ByteWriter, value: object, left: number): void {
  if (Array.isArray(value)) {
    if (value instanceof Tuple) return writeNested(out, f.EXT_TUPLE, value, value, left);
    return writeList(out, value, left);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    if (out.foreign !== undefined && isIterable(value)) return writeForeign(out, value, left);
    return writeRecord(out, value as Record<string, unknown>, left);
  }
  if (value instanceof Uint8Array) return writeBytesOrBulk(out, value, left);
  if (value instanceof Map) return writeMap(out, value, left);
  if (value instanceof Set) return writeNested(out, f.EXT_SET, value, elementsOf(value), left);
  if (value instanceof ArrayBuffer) return writeBytesOrBulk(out, new Uint8Array(value), left);
  const isNamed = value instanceof Attachment || value instanceof Handle;
  if (isNamed && out.foreign !== undefined) return writeForeign(out, value, left);
  if (value instanceof Attachment) return writeAttachment(out, value, left);
  if (!writeExtension(out, value)) writeForeign(out, value, left);
}

/** Objects of no class that can be iterated over are made for that, and are no records. */
function isIterable(value: object): boolean {
  return Symbol.iterator in value || Symbol.asyncIterator in value;
}

function writeBytesOrBulk(out: ByteWriter, bytes: Uint8Array, left: number): void {
  const isBulk = out.foreign !== undefined && bytes.length >= out.foreign.bulkBytes;
  if (isBulk) writeForeign(out, bytes, left);
  else writeBytes(out, bytes);
}

/** Writes an extension whose body is an array of values, as sets and tuples are. */
function writeNested(
  out: ByteWriter,
  code: number,
  owner: object,
  items: readonly unknown[],
  left: number,
): void {
  if (left === 0) throw new Refusal(owner, "DEPTH_EXCEEDED", "");
  const start = reserveHead(out);
  writeArrayHead(out, items.length);
  for (let i = 0; i < items.length; i += 1) writeValue(out, items[i], left - 1);
  closeHead(out, code, start);
}

/** The array that holds the three parts is no level of its own. */
function writeAttachment(out: ByteWriter, value: Attachment, left: number): void {
  const { index, format, meta } = value;
  if (asRecord(meta) === undefined) {
    throw new Refusal(meta, "VALUE_UNSUPPORTED", "a map with string keys");
  }
  writeNested(out, f.EXT_ATTACHMENT, value, [index, format, meta], left + 1);
}

function writeList(out: ByteWriter, list: readonly unknown[], left: number): void {
  if (left === 0) throw new Refusal(list, "DEPTH_EXCEEDED", "");
  const { length } = list;
  writeArrayHead(out, length);
  for (let i = 0; i < length; i += 1) writeValue(out, list[i], left - 1);
}

export function writeArrayHead(out: ByteWriter, length: number): void {
  out.ensure(MIN_ROOM);
  if (length < 16) {
    out.bytes[out.at++] = 0x90 | length;
  } else if (length < 0x1_0000) {
    out.bytes[out.at] = f.ARRAY16;
    out.view.setUint16(out.at + 1, length);
    out.at += 3;
  } else {
    out.bytes[out.at] = f.ARRAY32;
    out.view.setUint32(out.at + 1, length);
    out.at += 5;
  }
}

/** How many entries there are is known after they are written: a property that is undefined is left out. */
function writeRecord(out: ByteWriter, record: Record<string, unknown>, left: number): void {
  if (left === 0) throw new Refusal(record, "DEPTH_EXCEEDED", "");
  out.ensure(MIN_ROOM);
  // Relative to the start: the slab may be renewed while the entries are written.
  const head = out.at - out.start;
  out.at += 1;
  let count = 0;
  for (const key in record) {
    if (!Object.hasOwn(record, key)) continue;
    const value = record[key];
    if (value === undefined) continue;
    count += 1;
    writeString(out, key);
    writeValue(out, value, left - 1);
  }
  if (count < 16) out.bytes[out.start + head] = 0x80 | count;
  else widenMapHead(out, out.start + head, count);
}

function widenMapHead(out: ByteWriter, head: number, count: number): void {
  const more = count < 0x1_0000 ? 2 : 4;
  const from = head - out.start;
  out.ensure(more);
  const at = out.start + from;
  out.bytes.copyWithin(at + 1 + more, at + 1, out.at);
  out.at += more;
  out.bytes[at] = more === 2 ? f.MAP16 : f.MAP32;
  if (more === 2) out.view.setUint16(at + 1, count);
  else out.view.setUint32(at + 1, count);
}

function writeMap(out: ByteWriter, map: ReadonlyMap<unknown, unknown>, left: number): void {
  if (left === 0) throw new Refusal(map, "DEPTH_EXCEEDED", "");
  out.ensure(MIN_ROOM);
  const head = out.at - out.start;
  out.bytes[out.at++] = 0x80 | map.size;
  for (const [key, value] of map) {
    checkKey(key);
    writeValue(out, key, left - 1);
    writeValue(out, value, left - 1);
  }
  if (map.size >= 16) widenMapHead(out, out.start + head, map.size);
}

function checkKey(key: unknown): void {
  if (!isKey(key)) throw new Refusal(key, "VALUE_UNSUPPORTED", KEY_EXPECTED);
}

function elementsOf(set: ReadonlySet<unknown>): readonly unknown[] {
  const elements = [...set];
  for (const element of elements) checkKey(element);
  return elements;
}
