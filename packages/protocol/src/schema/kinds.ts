import { asRecord } from "../codec/index.ts";
import {
  Attachment,
  Complex,
  Decimal,
  Duration,
  Float,
  Handle,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Uuid,
  type Value,
  type ValueMap,
} from "../value/index.ts";

export type Predicate = (value: unknown) => boolean;

/** The number that a value of the kind int or float is. */
export function numberOf(value: unknown): number | bigint | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  return value instanceof Float ? value.value : undefined;
}

/** An int of any size, or a float without a fraction. */
export function isInteger(value: unknown): boolean {
  return (
    Number.isInteger(value) ||
    typeof value === "bigint" ||
    (value instanceof Float && Number.isInteger(value.value))
  );
}

/** An int or a finite float. */
export function isNumber(value: unknown): boolean {
  return (
    Number.isFinite(value) ||
    typeof value === "bigint" ||
    (value instanceof Float && Number.isFinite(value.value))
  );
}

/** A map whose keys are all strings, as a plain object; undefined for anything else. */
export function recordOf(value: unknown): ValueMap | undefined {
  return asRecord(value as Value);
}

function isNil(value: unknown): boolean {
  return value === null || value === undefined;
}

export function isBytes(value: unknown): value is Uint8Array | ArrayBuffer {
  return value instanceof Uint8Array || value instanceof ArrayBuffer;
}

/** A map of any keys. */
export function isMap(value: unknown): boolean {
  return value instanceof Map || recordOf(value) !== undefined;
}

function within(bits: number, signed: boolean): Predicate {
  const max = (1n << BigInt(signed ? bits - 1 : bits)) - 1n;
  const min = signed ? -max - 1n : 0n;
  return (value) => {
    const number = isInteger(value) ? numberOf(value) : undefined;
    return number !== undefined && number >= min && number <= max;
  };
}

const MAX_F32 = 3.4028235677973366e38;

/** Every int and float that does not overflow: what rounds to infinity does, unless it is infinite itself. */
function isF32(value: unknown): boolean {
  const number = Number(numberOf(value));
  return isF64(value) && (!Number.isFinite(number) || Math.abs(number) < MAX_F32);
}

function isF64(value: unknown): boolean {
  const number = numberOf(value);
  return number !== undefined && (typeof number === "number" || Number.isFinite(Number(number)));
}

function isChar(value: unknown): boolean {
  if (typeof value !== "string" || value.length === 0 || value.length > 2) return false;
  return value.length === 1 || (value.codePointAt(0) ?? 0) > 0xffff;
}

function instance(type: abstract new (...args: never) => unknown): Predicate {
  return (value) => value instanceof type;
}

/** Which values the types of JSON Schema take. */
export const TYPES: Readonly<Record<string, Predicate>> = {
  null: isNil,
  boolean: (value) => typeof value === "boolean",
  integer: isInteger,
  number: isNumber,
  string: (value) => typeof value === "string",
  array: Array.isArray,
  object: (value) => recordOf(value) !== undefined,
};

/** Which values the kinds of x-amphis take. */
export const KINDS: Readonly<Record<string, Predicate>> = {
  u8: within(8, false),
  u16: within(16, false),
  u32: within(32, false),
  u64: within(64, false),
  u128: within(128, false),
  i8: within(8, true),
  i16: within(16, true),
  i32: within(32, true),
  i64: within(64, true),
  i128: within(128, true),
  int: isInteger,
  f32: isF32,
  f64: isF64,
  char: isChar,
  bytes: isBytes,
  array: Array.isArray,
  set: instance(Set),
  map: isMap,
  timestamp: instance(Date),
  date: instance(LocalDate),
  time: instance(LocalTime),
  datetime: instance(LocalDateTime),
  duration: instance(Duration),
  decimal: instance(Decimal),
  uuid: instance(Uuid),
  complex: instance(Complex),
  path: instance(Path),
  handle: instance(Handle),
  attachment: instance(Attachment),
  value: () => true,
};

/** How `expected` names a kind. */
export function kindText(kind: string): string {
  return kind === "int" ? "integer" : kind === "value" ? "any value" : kind;
}
