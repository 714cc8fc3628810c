import type { ByteWriter } from "../../bytes/index.ts";
import type { IntegerConfiguration, IntegerType } from "../layout.ts";
import { outOfRange, unsupported } from "../refuse.ts";

/** Writes one integer after checking it, or throws a Refusal. */
export type WriteInteger = (out: ByteWriter, value: unknown) => void;

/** How one configuration writes integers, lengths and variants. */
export interface IntegerWriters {
  readonly types: Readonly<Record<IntegerType, WriteInteger>>;
  /** A length, known to be a safe integer. */
  readonly length: (out: ByteWriter, length: number) => void;
  /** The index of an enum variant. */
  readonly variant: (out: ByteWriter, index: number) => void;
}

const MAX_U64 = (1n << 64n) - 1n;
const MAX_U128 = (1n << 128n) - 1n;
/** Zigzag doubles, so beyond this a number would no longer be exact. */
const MAX_ZIGZAG = 2 ** 52 - 1;

function unsigned(value: unknown, max: number, type: IntegerType): number {
  if (typeof value === "number" && value >= 0 && value <= max && Math.floor(value) === value) {
    return value;
  }
  return Number(integer(value, 0n, BigInt(max), type));
}

function signed(value: unknown, max: number, type: IntegerType): number {
  if (
    typeof value === "number" &&
    value >= -max - 1 &&
    value <= max &&
    Math.floor(value) === value
  ) {
    return value;
  }
  return Number(integer(value, BigInt(-max - 1), BigInt(max), type));
}

/** The value as a bigint in range. Floats are no integers here, whatever their value: they are another kind. */
function integer(value: unknown, min: bigint, max: bigint, type: IntegerType): bigint {
  if (typeof value !== "bigint" && !Number.isSafeInteger(value)) throw unsupported(type, value);
  const exact = BigInt(value as number | bigint);
  if (exact < min || exact > max) throw outOfRange(type, value);
  return exact;
}

function writeU8(out: ByteWriter, value: unknown): void {
  const exact = unsigned(value, 0xff, "u8");
  out.ensure(1);
  out.bytes[out.at++] = exact;
}

function writeI8(out: ByteWriter, value: unknown): void {
  const exact = signed(value, 0x7f, "i8");
  out.ensure(1);
  out.bytes[out.at++] = exact;
}

/** Writes a safe unsigned integer in its shortest form. */
export function writeVarint(out: ByteWriter, value: number): void {
  out.ensure(9);
  const { bytes } = out;
  if (value < 251) bytes[out.at++] = value;
  else if (value <= 0xffff) {
    bytes[out.at++] = 251;
    bytes[out.at++] = value;
    bytes[out.at++] = value >>> 8;
  } else if (value <= 0xffff_ffff) {
    bytes[out.at++] = 252;
    put32(out, value);
  } else {
    bytes[out.at++] = 253;
    put64(out, value);
  }
}

/** Space must be reserved. */
function put32(out: ByteWriter, value: number): void {
  const { bytes, at } = out;
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
  out.at = at + 4;
}

/** A safe integer of either sign, as two's complement. Space must be reserved. */
function put64(out: ByteWriter, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  put32(out, value - high * 0x1_0000_0000);
  put32(out, high);
}

/** The low `words` words of 32 bits, as two's complement. Space must be reserved. */
function putBigint(out: ByteWriter, value: bigint, words: number): void {
  for (let word = 0; word < words; word += 1) {
    put32(out, Number(BigInt.asUintN(32, value >> BigInt(32 * word))));
  }
}

function writeVarintBigint(out: ByteWriter, value: bigint): void {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return writeVarint(out, Number(value));
  out.ensure(17);
  const wide = value > MAX_U64;
  out.bytes[out.at++] = wide ? 254 : 253;
  putBigint(out, value, wide ? 4 : 2);
}

function isIndexLike(value: unknown): value is number {
  return (
    typeof value === "number" &&
    value >= 0 &&
    value <= Number.MAX_SAFE_INTEGER &&
    Math.floor(value) === value
  );
}

function isZigzagSafe(value: unknown): value is number {
  return (
    typeof value === "number" &&
    value >= -MAX_ZIGZAG &&
    value <= MAX_ZIGZAG &&
    Math.floor(value) === value
  );
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function zigzagBigint(value: bigint): bigint {
  return value < 0n ? -2n * value - 1n : 2n * value;
}

const MIN_I64 = -(1n << 63n);
const MIN_I128 = -(1n << 127n);

/** bincode's standard configuration. */
const VARINT: IntegerWriters = {
  types: {
    u8: writeU8,
    u16: (out, value) => writeVarint(out, unsigned(value, 0xffff, "u16")),
    u32: (out, value) => writeVarint(out, unsigned(value, 0xffff_ffff, "u32")),
    u64(out, value) {
      if (isIndexLike(value)) writeVarint(out, value);
      else writeVarintBigint(out, integer(value, 0n, MAX_U64, "u64"));
    },
    u128(out, value) {
      if (isIndexLike(value)) writeVarint(out, value);
      else writeVarintBigint(out, integer(value, 0n, MAX_U128, "u128"));
    },
    i8: writeI8,
    i16: (out, value) => writeVarint(out, zigzag(signed(value, 0x7fff, "i16"))),
    i32: (out, value) => writeVarint(out, zigzag(signed(value, 0x7fff_ffff, "i32"))),
    i64(out, value) {
      if (isZigzagSafe(value)) writeVarint(out, zigzag(value));
      else writeVarintBigint(out, zigzagBigint(integer(value, MIN_I64, ~MIN_I64, "i64")));
    },
    i128(out, value) {
      if (isZigzagSafe(value)) writeVarint(out, zigzag(value));
      else writeVarintBigint(out, zigzagBigint(integer(value, MIN_I128, ~MIN_I128, "i128")));
    },
  },
  length: writeVarint,
  variant: writeVarint,
};

function fixed16(out: ByteWriter, value: number): void {
  out.ensure(2);
  out.bytes[out.at++] = value;
  out.bytes[out.at++] = value >>> 8;
}

function fixed32(out: ByteWriter, value: number): void {
  out.ensure(4);
  put32(out, value);
}

function fixed64(
  out: ByteWriter,
  value: unknown,
  min: bigint,
  max: bigint,
  type: IntegerType,
): void {
  out.ensure(8);
  if (Number.isSafeInteger(value) && (min < 0n || (value as number) >= 0)) {
    put64(out, value as number);
  } else putBigint(out, integer(value, min, max, type), 2);
}

function fixed128(
  out: ByteWriter,
  value: unknown,
  min: bigint,
  max: bigint,
  type: IntegerType,
): void {
  out.ensure(16);
  putBigint(out, integer(value, min, max, type), 4);
}

function fixedLength(out: ByteWriter, length: number): void {
  out.ensure(8);
  put64(out, length);
}

/** bincode's legacy configuration. */
const FIXED: IntegerWriters = {
  types: {
    u8: writeU8,
    u16: (out, value) => fixed16(out, unsigned(value, 0xffff, "u16")),
    u32: (out, value) => fixed32(out, unsigned(value, 0xffff_ffff, "u32")),
    u64: (out, value) => fixed64(out, value, 0n, MAX_U64, "u64"),
    u128: (out, value) => fixed128(out, value, 0n, MAX_U128, "u128"),
    i8: writeI8,
    i16: (out, value) => fixed16(out, signed(value, 0x7fff, "i16")),
    i32: (out, value) => fixed32(out, signed(value, 0x7fff_ffff, "i32")),
    i64: (out, value) => fixed64(out, value, MIN_I64, ~MIN_I64, "i64"),
    i128: (out, value) => fixed128(out, value, MIN_I128, ~MIN_I128, "i128"),
  },
  length: fixedLength,
  variant: fixed32,
};

export function integerWriters(configuration: IntegerConfiguration): IntegerWriters {
  return configuration === "fixed" ? FIXED : VARINT;
}
