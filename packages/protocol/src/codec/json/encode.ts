import {
  Attachment,
  Complex,
  Decimal,
  Duration,
  Ext,
  Float,
  formatInstant,
  Handle,
  instantParts,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Path,
  Tuple,
  Uuid,
} from "../../value/index.ts";
import { base64Encode } from "../../platform.ts";
import { MAX_INT_BYTES } from "../codec.ts";
import { isKey, KEY_EXPECTED } from "../key.ts";
import { intToBytes } from "../integer.ts";
import { asRecord } from "../record.ts";
import { Refusal } from "../refusal.ts";

const LONE_SURROGATE = /\p{Surrogate}/u;
/** Anything but printable ASCII without quote and backslash: what may need more than a quote at each end. */
const NOT_PLAIN = /[^ !#-[\]-~]/;

/**
 * The JSON text of a value. `left` is how many more levels it may nest.
 *
 * Written as text and not as a tree for `JSON.stringify`, because the keys of a `Map` must keep their order.
 *
 * @throws {Refusal} for a value that is not in the value set
 */
export function toText(value: unknown, left: number): string {
  switch (typeof value) {
    case "string":
      return text(value);
    case "number":
      return number(value);
    case "boolean":
      return value ? "true" : "false";
    case "undefined":
      return "null";
    case "bigint":
      return int(value);
    case "object":
      return value === null ? "null" : object(value, left);
    default:
      throw new Refusal(value, "VALUE_UNSUPPORTED", "a value");
  }
}

function text(value: string): string {
  if (!NOT_PLAIN.test(value)) return `"${value}"`;
  if (LONE_SURROGATE.test(value)) {
    throw new Refusal(value, "VALUE_UNSUPPORTED", "valid Unicode without lone surrogates");
  }
  return JSON.stringify(value);
}

function tagged(tag: string, body: string): string {
  return `{"$${tag}":${body}}`;
}

function number(value: number): string {
  return isPlain(value) ? String(value) : tagged("float", special(value));
}

function isPlain(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

/** A float where JSON has a number for it, else one of the four words. */
function special(value: number): string {
  return isPlain(value) ? String(value) : Object.is(value, -0) ? '"-0"' : `"${value}"`;
}

function int(value: bigint): string {
  const small = Number(value);
  if (Number.isSafeInteger(small)) return String(small);
  if (intToBytes(value) === undefined) {
    throw new Refusal(value, "VALUE_OUT_OF_RANGE", `an int of at most ${MAX_INT_BYTES} bytes`);
  }
  return tagged("int", `"${value}"`);
}

function object(value: object, left: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return record(value as Record<string, unknown>, left);
  }
  if (Array.isArray(value)) {
    const items = list(value, value, left);
    return value instanceof Tuple ? tagged("tuple", items) : items;
  }
  if (value instanceof Map) return map(value, left);
  if (value instanceof Set) return tagged("set", list(value, [...value].map(checkKey), left));
  if (value instanceof Uint8Array) return bytes(value);
  if (value instanceof ArrayBuffer) return bytes(new Uint8Array(value));
  if (value instanceof Attachment) return attachment(value, left);
  return leaf(value);
}

/** The list that holds the three parts is no level of its own. */
function attachment(value: Attachment, left: number): string {
  const { index, format, meta } = value;
  if (asRecord(meta) === undefined) {
    throw new Refusal(meta, "VALUE_UNSUPPORTED", "a map with string keys");
  }
  return tagged("attachment", list(value, [index, format, meta], left + 1));
}

function bytes(value: Uint8Array): string {
  return tagged("bytes", `"${base64Encode(value)}"`);
}

function leaf(value: object): string {
  if (value instanceof Float) {
    return Number.isSafeInteger(value.value)
      ? tagged("float", special(value.value))
      : number(value.value);
  }
  if (value instanceof Date) return tagged("timestamp", `"${timestamp(value)}"`);
  if (value instanceof Uuid) return tagged("uuid", `"${value.text}"`);
  if (value instanceof Decimal) return tagged("decimal", `"${value.text}"`);
  if (value instanceof LocalDate) return tagged("date", `"${value.text}"`);
  if (value instanceof LocalTime) return tagged("time", `"${value.text}"`);
  if (value instanceof LocalDateTime) return tagged("datetime", `"${value.text}"`);
  if (value instanceof Duration) return tagged("duration", `"${value.toString()}"`);
  if (value instanceof Path) return tagged("path", text(value.text));
  if (value instanceof Complex) {
    return tagged("complex", `[${special(value.re)},${special(value.im)}]`);
  }
  if (value instanceof Handle) return tagged("handle", `[${value.id},${text(value.type)}]`);
  if (value instanceof Ext) return tagged("ext", `[${value.code},"${base64Encode(value.data)}"]`);
  throw new Refusal(value, "VALUE_UNSUPPORTED", "a value");
}

function timestamp(value: Date): string {
  const parts = instantParts(value);
  if (parts === undefined) {
    throw new Refusal(value, "VALUE_OUT_OF_RANGE", "a valid date in the years 0000 to 9999");
  }
  return formatInstant(parts.seconds, parts.nanoseconds);
}

function list(owner: object, items: readonly unknown[], left: number): string {
  if (left === 0) throw new Refusal(owner, "DEPTH_EXCEEDED", "");
  let texts = "";
  for (let i = 0; i < items.length; i += 1) {
    texts += (i === 0 ? "" : ",") + toText(items[i], left - 1);
  }
  return `[${texts}]`;
}

function record(value: Record<string, unknown>, left: number): string {
  if (left === 0) throw new Refusal(value, "DEPTH_EXCEEDED", "");
  let entries = "";
  let count = 0;
  let name = "";
  let body = "";
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item === undefined) continue;
    name = text(key);
    body = toText(item, left - 1);
    entries += `${count === 0 ? "" : ","}${name}:${body}`;
    count += 1;
  }
  return count === 1 && name.startsWith('"$')
    ? tagged("map", `[[${name},${body}]]`)
    : `{${entries}}`;
}

function map(value: ReadonlyMap<unknown, unknown>, left: number): string {
  if (left === 0) throw new Refusal(value, "DEPTH_EXCEEDED", "");
  const entries = [...value];
  const isObject = entries.every(
    ([key]) => typeof key === "string" && !(entries.length === 1 && key.startsWith("$")),
  );
  return isObject
    ? `{${entries.map(([key, item]) => `${text(key as string)}:${toText(item, left - 1)}`).join(",")}}`
    : pairs(entries, left);
}

function pairs(entries: readonly (readonly [unknown, unknown])[], left: number): string {
  const texts = entries.map(
    ([key, item]) => `[${toText(checkKey(key), left - 1)},${toText(item, left - 1)}]`,
  );
  return tagged("map", `[${texts.join(",")}]`);
}

function checkKey(key: unknown): unknown {
  if (!isKey(key)) {
    throw new Refusal(key, "VALUE_UNSUPPORTED", KEY_EXPECTED);
  }
  return key;
}
