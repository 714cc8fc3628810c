import { AmphisError, Complex } from "@amphis/protocol";

import {
  bfloat16ToNumber,
  float16ToNumber,
  numberToBfloat16,
  numberToFloat16,
} from "./half-float.ts";

/** Types of elements, by their NumPy names. */
export const DTYPES = [
  "bool",
  "int8",
  "uint8",
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "float16",
  "bfloat16",
  "float32",
  "float64",
  "complex64",
  "complex128",
] as const;

export type Dtype = (typeof DTYPES)[number];

/** An element: `bigint` for integers of 64 bits, so that they are exact. */
export type Element = number | bigint | boolean | Complex;

export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

type ViewConstructor = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => TypedArray;

/** How elements of a type lie in memory; always little-endian. */
export interface DtypeInfo {
  readonly bytes: number;
  /** The array that shows elements in place; of the bits for float16 and bfloat16, of both parts for complex numbers. */
  readonly View: ViewConstructor;
  /** Elements of that array for one of the type. */
  readonly viewLength: 1 | 2;
  /** What must be swapped to change the byte order. */
  readonly partBytes: number;
  read(view: DataView, at: number): Element;
  write(view: DataView, at: number, value: Element): void;
}

type Reader = (view: DataView, at: number) => Element;
type Writer = (view: DataView, at: number, value: Element) => void;

const INFO: Readonly<Record<Dtype, DtypeInfo>> = {
  bool: plain(
    Uint8Array,
    1,
    (view, at) => view.getUint8(at) !== 0,
    (view, at, value) => view.setUint8(at, toBit(value)),
  ),
  int8: integer(Int8Array, "Int8", -128, 127),
  uint8: integer(Uint8Array, "Uint8", 0, 255),
  int16: integer(Int16Array, "Int16", -32_768, 32_767),
  uint16: integer(Uint16Array, "Uint16", 0, 65_535),
  int32: integer(Int32Array, "Int32", -2_147_483_648, 2_147_483_647),
  uint32: integer(Uint32Array, "Uint32", 0, 4_294_967_295),
  int64: plain(
    BigInt64Array,
    8,
    (view, at) => view.getBigInt64(at, true),
    (view, at, value) => view.setBigInt64(at, toBigInt(value, -(2n ** 63n), 2n ** 63n - 1n), true),
  ),
  uint64: plain(
    BigUint64Array,
    8,
    (view, at) => view.getBigUint64(at, true),
    (view, at, value) => view.setBigUint64(at, toBigInt(value, 0n, 2n ** 64n - 1n), true),
  ),
  float16: plain(
    Uint16Array,
    2,
    (view, at) => float16ToNumber(view.getUint16(at, true)),
    (view, at, value) => view.setUint16(at, numberToFloat16(toFloat(value)), true),
  ),
  bfloat16: plain(
    Uint16Array,
    2,
    (view, at) => bfloat16ToNumber(view.getUint16(at, true)),
    (view, at, value) => view.setUint16(at, numberToBfloat16(toFloat(value)), true),
  ),
  float32: plain(
    Float32Array,
    4,
    (view, at) => view.getFloat32(at, true),
    (view, at, value) => view.setFloat32(at, toFloat(value), true),
  ),
  float64: plain(
    Float64Array,
    8,
    (view, at) => view.getFloat64(at, true),
    (view, at, value) => view.setFloat64(at, toFloat(value), true),
  ),
  complex64: complex(Float32Array, 4, "Float32"),
  complex128: complex(Float64Array, 8, "Float64"),
};

export function dtypeInfo(dtype: Dtype): DtypeInfo {
  return INFO[dtype];
}

export interface ParsedDtype {
  readonly dtype: Dtype;
  readonly byteOrder: "little" | "big";
}

const CODES: Readonly<Record<string, Dtype>> = {
  b1: "bool",
  "?": "bool",
  i1: "int8",
  u1: "uint8",
  i2: "int16",
  u2: "uint16",
  i4: "int32",
  u4: "uint32",
  i8: "int64",
  u8: "uint64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
  c8: "complex64",
  c16: "complex128",
};

/**
 * Reads a NumPy name or code: `float32`, `<f4`, `>i8`, `|b1`. `=` is the order of the machine that wrote it and so means nothing here.
 *
 * @throws {AmphisError} DTYPE_UNSUPPORTED
 */
export function parseDtype(name: string): ParsedDtype {
  const order = /^[<>|]/.exec(name)?.[0];
  const bare = order === undefined ? name : name.slice(1);
  const dtype = Object.hasOwn(CODES, bare) ? CODES[bare] : DTYPES.find((known) => known === bare);
  if (dtype === undefined) {
    throw unsupported(name, `it is none of ${DTYPES.join(", ")}`);
  }
  return { dtype, byteOrder: order === ">" && INFO[dtype].partBytes > 1 ? "big" : "little" };
}

export function unsupported(name: string, why: string): AmphisError<"DTYPE_UNSUPPORTED"> {
  return new AmphisError("DTYPE_UNSUPPORTED", `Cannot use dtype ${name}: ${why}`, { dtype: name });
}

function plain(View: ViewConstructor, bytes: number, read: Reader, write: Writer): DtypeInfo {
  return { bytes, View, viewLength: 1, partBytes: bytes, read, write };
}

type Width = "Int8" | "Uint8" | "Int16" | "Uint16" | "Int32" | "Uint32";

function integer(View: ViewConstructor, width: Width, least: number, most: number): DtypeInfo {
  const bytes = Number(width.replace(/\D+/, "")) / 8;
  return plain(
    View,
    bytes,
    (view, at) => view[`get${width}`](at, true),
    (view, at, value) => view[`set${width}`](at, toInteger(value, least, most), true),
  );
}

function complex(View: ViewConstructor, part: number, width: "Float32" | "Float64"): DtypeInfo {
  const get = `get${width}` as const;
  const set = `set${width}` as const;
  return {
    bytes: 2 * part,
    View,
    viewLength: 2,
    partBytes: part,
    read: (view, at) => new Complex(view[get](at, true), view[get](at + part, true)),
    write: (view, at, value) => {
      const { re, im } = value instanceof Complex ? value : new Complex(toFloat(value), 0);
      view[set](at, re, true);
      view[set](at + part, im, true);
    },
  };
}

/** 0 and 1 are what the array of the platform shows. */
function toBit(value: Element): number {
  if (typeof value === "boolean" || value === 0 || value === 1) return Number(value);
  throw new RangeError(`Cannot write bool: expected true, false, 0 or 1, got ${String(value)}`);
}

function toFloat(value: Element): number {
  if (value instanceof Complex) {
    throw new TypeError(`Cannot write float: expected a real number, got ${String(value)}`);
  }
  return Number(value);
}

function toInteger(value: Element, least: number, most: number): number {
  const number = toFloat(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new RangeError(
    `Cannot write integer: expected one from ${least} to ${most}, got ${String(value)}`,
  );
}

function toBigInt(value: Element, least: bigint, most: bigint): bigint {
  const isExact = typeof value === "bigint" || Number.isSafeInteger(Number(value));
  const integer = isExact && !(value instanceof Complex) ? BigInt(value) : undefined;
  if (integer !== undefined && integer >= least && integer <= most) return integer;
  throw new RangeError(
    `Cannot write integer: expected an exact one from ${least} to ${most}, got ${String(value)}`,
  );
}
