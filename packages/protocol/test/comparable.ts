import {
  Attachment,
  Complex,
  Ext,
  Float,
  Handle,
  instantParts,
  Tuple,
} from "../src/value/index.ts";

/** Whether an integral float counts as a float, or as the int that a decoder without `exactFloats` makes of it. */
type IntegralFloats = "float" | "int";

/**
 * A tree of strings and arrays that is equal for values that count as the same (spec/values.md) and for no others: `1n` is `1`, a
 * `Float` of 0.5 is 0.5, an `ArrayBuffer` is bytes, a plain object is a map with string keys; a tuple is no list, -0 is not 0.
 */
export function comparable(value: unknown, integral: IntegralFloats = "float"): unknown {
  switch (typeof value) {
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? `int ${value}` : float(value);
    case "bigint":
      return `int ${value}`;
    case "string":
      return `text ${value}`;
    case "object":
      return value === null ? "nil" : comparableObject(value, integral);
    default:
      return value === undefined ? "nil" : String(value);
  }
}

function float(value: number): string {
  return `float ${Object.is(value, -0) ? "-0" : value}`;
}

function comparableObject(value: object, integral: IntegralFloats): unknown {
  const inner = (item: unknown): unknown => comparable(item, integral);
  if (value instanceof Float) return integral === "int" ? inner(value.value) : float(value.value);
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (value instanceof ArrayBuffer) return inner(new Uint8Array(value));
  if (value instanceof Date) {
    return `timestamp ${instantParts(value)?.seconds} ${instantParts(value)?.nanoseconds}`;
  }
  if (value instanceof Tuple) return ["tuple", Array.from(value, inner)];
  if (Array.isArray(value)) return ["list", Array.from(value, inner)];
  if (value instanceof Set) return set(Array.from(value, inner), integral);
  if (value instanceof Map) return map([...value], integral);
  if (value instanceof Complex) return ["complex", float(value.re), float(value.im)];
  if (value instanceof Handle) return ["handle", value.id, value.type];
  if (value instanceof Attachment) {
    return ["attachment", value.index, value.format, inner(value.meta)];
  }
  if (value instanceof Ext) return ["ext", value.code, inner(value.data)];
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return `${value.constructor.name} ${String(value)}`;
  }
  return map(
    Object.entries(value).filter(([, item]) => item !== undefined),
    integral,
  );
}

/** A `Set` holds one zero and one of each number; what is an object is never equal to another. */
function set(items: readonly unknown[], integral: IntegralFloats): unknown {
  if (integral === "float") return ["set", items];
  return ["set", [...new Set(items.map((item) => (item === "float -0" ? "int 0" : item)))]];
}

/** Objects and JSON texts sort keys that look like integers, so the order is no part of the comparison. */
function map(entries: readonly (readonly [unknown, unknown])[], integral: IntegralFloats): unknown {
  const name = (key: unknown): string => {
    const text = JSON.stringify(comparable(key, integral));
    return integral === "int" && text === '"float -0"' ? '"int 0"' : text;
  };
  const named = entries.map(([key, item]): [string, unknown] => [
    name(key),
    comparable(item, integral),
  ]);
  // Keys that are objects (a Uuid) may be equal without being one key.
  const kept = integral === "int" ? [...new Map(named)] : named;
  return ["map", kept.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))];
}
