import { readUtf8, TextCache } from "../../bytes/index.ts";
import {
  Complex,
  Decimal,
  Duration,
  formatUuid,
  Handle,
  instant,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Uuid,
} from "../../../value/index.ts";
import type { IntegerConfiguration } from "../layout.ts";
import type { LeafType } from "../encode/scalar.ts";
import { decodeFailed, type Reader } from "../reader.ts";
import { type IntegerReaders, integerReaders } from "./integer.ts";

export type ReadScalar = (from: Reader) => unknown;

interface TextClass {
  new (text: string): unknown;
  isText(text: string): boolean;
}

/** Reads the fields of each kind and refuses what is not its canonical form. */
export function scalarReaders(
  configuration: IntegerConfiguration,
): Readonly<Record<LeafType, ReadScalar>> {
  const integers = integerReaders(configuration);
  const { types } = integers;
  const texts =
    (kind: LeafType, type: TextClass): ReadScalar =>
    (from) => {
      const { at } = from;
      const text = readText(from, integers);
      if (!type.isText(text)) throw decodeFailed(at, `the text is no ${kind}`);
      return new type(text);
    };
  return {
    timestamp(from) {
      const { at } = from;
      const date = instant(Number(types.i64(from)), Number(types.u32(from)));
      if (date === undefined) throw decodeFailed(at, "a timestamp outside the years 0000 to 9999");
      return date;
    },
    date: texts("date", LocalDate),
    time: texts("time", LocalTime),
    datetime: texts("datetime", LocalDateTime),
    duration(from) {
      const { at } = from;
      const seconds = Number(types.i64(from));
      const microseconds = Number(types.u32(from));
      if (!Duration.isValid(seconds, microseconds)) {
        throw decodeFailed(at, "a duration beyond 999,999,999 days");
      }
      return new Duration(seconds, microseconds);
    },
    decimal: texts("decimal", Decimal),
    uuid: (from) => new Uuid(formatUuid(from.bytes, from.take(16))),
    complex: (from) => new Complex(readF64(from), readF64(from)),
    path: texts("path", Path),
    handle(from) {
      const { at } = from;
      const id = types.u64(from);
      if (typeof id !== "number") throw decodeFailed(at, "a handle beyond 2^53-1");
      return new Handle(id, readText(from, integers));
    },
  };
}

export function readText(from: Reader, integers: IntegerReaders): string {
  const length = integers.count(from, 1);
  const at = from.take(length);
  const text = readUtf8(from.bytes, at, length);
  if (text === undefined) throw decodeFailed(at, "the text is not UTF-8");
  return text;
}

const names = new TextCache();

/** A text that is likely to come again, such as the name of a property. */
export function readName(from: Reader, integers: IntegerReaders): string {
  const length = integers.count(from, 1);
  const at = from.take(length);
  const name = names.read(from.bytes, at, length);
  if (name === undefined) throw decodeFailed(at, "the text is not UTF-8");
  return name;
}

/** The bytes are a view of the input. */
export function readBytes(from: Reader, integers: IntegerReaders): Uint8Array {
  const length = integers.count(from, 1);
  return readRaw(from, length);
}

export function readRaw(from: Reader, length: number): Uint8Array {
  const at = from.take(length);
  const { bytes } = from;
  return new Uint8Array(bytes.buffer, bytes.byteOffset + at, length);
}

export function readBoolean(from: Reader): boolean {
  const at = from.take(1);
  const byte = from.bytes[at];
  if (byte !== 0 && byte !== 1) throw decodeFailed(at, `byte ${byte} is neither 0 nor 1`);
  return byte === 1;
}

export function readChar(from: Reader): string {
  const at = from.take(1);
  const first = from.bytes[at] as number;
  if (first < 0x80) return String.fromCharCode(first);
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  from.take(length - 1);
  const text = readUtf8(from.bytes, at, length);
  if (text === undefined || text.length !== (length === 4 ? 2 : 1)) {
    throw decodeFailed(at, "the char is not UTF-8");
  }
  return text;
}

const scratch = new DataView(new ArrayBuffer(8));
const scratchBytes = new Uint8Array(scratch.buffer);

export function readF64(from: Reader): number {
  const at = from.take(8);
  for (let i = 0; i < 8; i += 1) scratchBytes[i] = from.bytes[at + i] as number;
  return scratch.getFloat64(0, true);
}

export function readF32(from: Reader): number {
  const at = from.take(4);
  for (let i = 0; i < 4; i += 1) scratchBytes[i] = from.bytes[at + i] as number;
  return scratch.getFloat32(0, true);
}
