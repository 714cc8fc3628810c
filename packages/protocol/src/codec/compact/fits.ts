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
} from "../../value/index.ts";
import { asRecord } from "../record.ts";
import { equalsConstant } from "./equal.ts";
import {
  INTEGER_RANGES,
  type IntegerType,
  type Layout,
  layoutOf,
  type Property,
  type ScalarType,
} from "./layout.ts";
import { tooDeep } from "./refuse.ts";

const CLASSES: Readonly<Record<ScalarType, abstract new (...args: never) => unknown>> = {
  timestamp: Date,
  date: LocalDate,
  time: LocalTime,
  datetime: LocalDateTime,
  duration: Duration,
  decimal: Decimal,
  uuid: Uuid,
  complex: Complex,
  path: Path,
  handle: Handle,
  attachment: Attachment,
};

/**
 * Whether a value has the shape of a layout: what decides which member of an `anyOf` it is. Constraints do not count.
 *
 * @throws {Refusal} DEPTH_EXCEEDED when it nests deeper than `left` levels
 */
export function fits(layout: Layout, value: unknown, left: number): boolean {
  switch (layout.kind) {
    case "integer":
      return fitsInteger(layout.type, value);
    case "int":
      return typeof value === "bigint" || isInt(value);
    case "float":
      return typeof value === "number" || typeof value === "bigint" || value instanceof Float;
    case "boolean":
      return typeof value === "boolean";
    case "char":
      return (
        typeof value === "string" &&
        value.length > 0 &&
        value.length === String.fromCodePoint(value.codePointAt(0) ?? 0).length
      );
    case "string":
      return typeof value === "string";
    case "bytes":
      return (
        (value instanceof Uint8Array || value instanceof ArrayBuffer) &&
        (layout.length ?? value.byteLength) === value.byteLength
      );
    case "scalar":
      return value instanceof CLASSES[layout.type];
    case "value":
      return true;
    case "constant":
      return equalsConstant(value, layout.value);
    case "choice":
      return layout.values.some((constant) => equalsConstant(value, constant));
    case "option":
      return value === null || value === undefined || fits(layout.inner, value, left);
    case "variant":
      return layout.members.some((member) => fits(member, value, left));
    case "reference":
      return fits(layoutOf(layout.definition), value, left);
    default:
      return fitsNested(layout, value, left);
  }
}

type Nested = Extract<
  Layout,
  { readonly kind: "list" | "set" | "array" | "tuple" | "struct" | "record" | "map" }
>;

function fitsNested(layout: Nested, value: unknown, left: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (left === 0) throw tooDeep(value);
  const inner = left - 1;
  switch (layout.kind) {
    case "list":
      return Array.isArray(value) && value.every((item) => fits(layout.items, item, inner));
    case "array":
      return (
        Array.isArray(value) &&
        value.length === layout.length &&
        value.every((item) => fits(layout.items, item, inner))
      );
    case "tuple":
      return (
        Array.isArray(value) &&
        value.length === layout.members.length &&
        layout.members.every((member, index) => fits(member, value[index], inner))
      );
    case "set":
      return value instanceof Set && [...value].every((item) => fits(layout.items, item, inner));
    case "map":
      return everyEntry(
        value,
        (key, item) => fits(layout.keys, key, inner) && fits(layout.values, item, inner),
      );
    case "record":
      return everyEntry(
        value,
        (key, item) => typeof key === "string" && fits(layout.values, item, inner),
      );
    case "struct":
      return fitsStruct(layout.properties, value, inner);
  }
}

function fitsStruct(properties: readonly Property[], value: object, left: number): boolean {
  const record = recordOf(value);
  if (record === undefined) return false;
  const names = new Set(properties.map(({ name }) => name));
  if (Object.keys(record).some((name) => !names.has(name) && record[name] !== undefined)) {
    return false;
  }
  return properties.every(({ name, layout, optional }) => {
    const item = Object.hasOwn(record, name) ? record[name] : undefined;
    return item === undefined ? optional : fits(layout, item, left);
  });
}

function everyEntry(value: object, test: (key: unknown, item: unknown) => boolean): boolean {
  if (value instanceof Map) return [...value].every(([key, item]) => test(key, item));
  const record = recordOf(value);
  return (
    record !== undefined &&
    Object.entries(record).every(([key, item]) => item === undefined || test(key, item))
  );
}

/** A plain object, or a `Map` whose keys are strings as one. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return asRecord(value as Value);
}

function isInt(value: unknown): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/** Whether a value is an int in the range of a type. */
function fitsInteger(type: IntegerType, value: unknown): boolean {
  if (typeof value !== "bigint" && !isInt(value)) return false;
  const { min, max } = INTEGER_RANGES[type];
  return (value as number | bigint) >= min && (value as number | bigint) <= max;
}
