import { narrow } from "../../integer.ts";
import type { IntegerConfiguration, IntegerType } from "../layout.ts";
import { decodeFailed, type Reader } from "../reader.ts";

/** Reads one integer: a number when it is safe, else a bigint. */
export type ReadInteger = (from: Reader) => number | bigint;

/** How one configuration reads integers, lengths and variants. */
export interface IntegerReaders {
  readonly types: Readonly<Record<IntegerType, ReadInteger>>;
  /** A count of elements of at least `bytesEach` bytes, refused when so many cannot be left. */
  readonly count: (from: Reader, bytesEach: number) => number;
  readonly variant: (from: Reader) => number;
}

function u8(from: Reader): number {
  return from.bytes[from.take(1)] as number;
}

function i8(from: Reader): number {
  return (u8(from) << 24) >> 24;
}

function u16(from: Reader): number {
  const at = from.take(2);
  const { bytes } = from;
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

function word(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0
  );
}

function u32(from: Reader): number {
  return word(from.bytes, from.take(4));
}

function i32(from: Reader): number {
  return u32(from) | 0;
}

function u64(from: Reader): number | bigint {
  const at = from.take(8);
  const high = word(from.bytes, at + 4);
  const low = word(from.bytes, at);
  return high < 0x20_0000 ? high * 0x1_0000_0000 + low : (BigInt(high) << 32n) | BigInt(low);
}

function i64(from: Reader): number | bigint {
  const at = from.take(8);
  const high = word(from.bytes, at + 4) | 0;
  const low = word(from.bytes, at);
  const near = high * 0x1_0000_0000 + low;
  return Number.isSafeInteger(near) ? near : (BigInt(high) << 32n) | BigInt(low);
}

function wide(from: Reader): bigint {
  const at = from.take(16);
  let value = 0n;
  for (let offset = 12; offset >= 0; offset -= 4) {
    value = (value << 32n) | BigInt(word(from.bytes, at + offset));
  }
  return value;
}

/** Reads an unsigned integer of at most `bits` bits; a marker that announces a wider one is refused. */
function varint(from: Reader, bits: number): number | bigint {
  const at = from.take(1);
  const first = from.bytes[at] as number;
  if (first < 251) return first;
  const width = 16 << (first - 251);
  if (first === 255 || width > bits) {
    throw decodeFailed(at, `byte ${first} starts no integer of ${bits} bits`);
  }
  switch (width) {
    case 16:
      return u16(from);
    case 32:
      return u32(from);
    case 64:
      return u64(from);
    default:
      return narrow(wide(from));
  }
}

/** For 16 and 32 bits, which always fit a number. */
function smallVarint(from: Reader, bits: 16 | 32): number {
  const { bytes, at } = from;
  const first = bytes[at];
  if (first !== undefined && first < 251) {
    from.at = at + 1;
    return first;
  }
  return varint(from, bits) as number;
}

function unzigzag(value: number | bigint): number | bigint {
  if (typeof value === "number") {
    if (value <= 0xffff_ffff) return (value >>> 1) ^ -(value & 1);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
  return narrow((value & 1n) === 0n ? value >> 1n : -(value >> 1n) - 1n);
}

function boundedCount(from: Reader, count: number | bigint, bytesEach: number, at: number): number {
  if (count > (from.end - from.at) / bytesEach) {
    throw decodeFailed(
      at,
      `${count} elements of at least ${bytesEach} bytes do not fit in the ${from.end - from.at} bytes left`,
    );
  }
  return count as number;
}

const VARINT: IntegerReaders = {
  types: {
    u8,
    u16: (from) => smallVarint(from, 16),
    u32: (from) => smallVarint(from, 32),
    u64: (from) => varint(from, 64),
    u128: (from) => varint(from, 128),
    i8,
    i16: (from) => unzigzag(smallVarint(from, 16)),
    i32: (from) => unzigzag(smallVarint(from, 32)),
    i64: (from) => unzigzag(varint(from, 64)),
    i128: (from) => unzigzag(varint(from, 128)),
  },
  count(from, bytesEach) {
    const { at } = from;
    return boundedCount(from, varint(from, 64), bytesEach, at);
  },
  variant: (from) => smallVarint(from, 32),
};

const FIXED: IntegerReaders = {
  types: {
    u8,
    u16,
    u32,
    u64,
    u128: (from) => narrow(wide(from)),
    i8,
    i16: (from) => (u16(from) << 16) >> 16,
    i32,
    i64,
    i128: (from) => narrow(BigInt.asIntN(128, wide(from))),
  },
  count(from, bytesEach) {
    const { at } = from;
    return boundedCount(from, u64(from), bytesEach, at);
  },
  variant: u32,
};

export function integerReaders(configuration: IntegerConfiguration): IntegerReaders {
  return configuration === "fixed" ? FIXED : VARINT;
}
