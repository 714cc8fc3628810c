import {
  Complex,
  Decimal,
  describeKind,
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
  Uuid,
} from "../value/index.ts";
import type { Paint } from "./color.ts";
import type { PrintLimits } from "./options.ts";
import { bareText, bytesText, cutText, quotedText } from "./text.ts";

/** Anything that holds no other value, also what is no value at all. */
export function printScalar(value: unknown, limits: PrintLimits, paint: Paint): string {
  switch (typeof value) {
    case "string":
      return paint(quotedText(value, limits.codePoints), "text");
    case "number":
      return paint(
        Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : floatText(value),
        "number",
      );
    case "bigint":
      return paint(intText(value), "number");
    case "boolean":
      return paint(String(value), "word");
    case "undefined":
      return paint("null", "word");
    case "object":
      if (value === null) return paint("null", "word");
      if (value instanceof Float) return paint(floatText(value.value), "number");
      return paint(objectText(value, limits), "scalar");
    default:
      return paint(`<${describeKind(value)}>`, "scalar");
  }
}

function objectText(value: object, limits: PrintLimits): string {
  if (value instanceof Uint8Array) return bytesText(value, limits.bytes);
  if (value instanceof ArrayBuffer) return bytesText(new Uint8Array(value), limits.bytes);
  if (value instanceof Date) return instantText(value);
  if (value instanceof Path) return `path(${quotedText(value.text, limits.codePoints)})`;
  if (value instanceof Handle) {
    return `handle(${value.id}, ${quotedText(value.type, limits.codePoints)})`;
  }
  if (value instanceof Complex) return `complex(${floatText(value.re)}, ${floatText(value.im)})`;
  if (value instanceof Duration) return `duration(${value.toString()} s)`;
  if (value instanceof Ext) return `ext(${value.code}, ${bytesText(value.data, limits.bytes)})`;
  const name = nameOfText(value);
  if (name !== undefined) return `${name}(${cutText(String(value), limits.codePoints)})`;
  return `<${cutText(describeKind(value), limits.codePoints)}>`;
}

function nameOfText(value: object): string | undefined {
  if (value instanceof LocalDate) return "date";
  if (value instanceof LocalTime) return "time";
  if (value instanceof LocalDateTime) return "datetime";
  if (value instanceof Decimal) return "decimal";
  if (value instanceof Uuid) return "uuid";
  return undefined;
}

function instantText(date: Date): string {
  const parts = instantParts(date);
  return parts === undefined
    ? "<an invalid timestamp>"
    : `timestamp(${formatInstant(parts.seconds, parts.nanoseconds)})`;
}

/** As ECMAScript prints it, but never like an int. */
function floatText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const text = bareText(String(value));
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

const MAX_INT_BITS = 256;

/** Digits while they are few: turning a large int into digits takes quadratic time. */
function intText(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  if (magnitude >> BigInt(MAX_INT_BITS) === 0n) return String(value);
  const hex = magnitude.toString(16);
  const bits = hex.length * 4 - (Math.clz32(Number.parseInt(hex.slice(0, 1), 16)) - 28);
  return `${value < 0n ? "-" : ""}int(${bits} bits)`;
}
