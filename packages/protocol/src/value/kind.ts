import { Attachment } from "./attachment.ts";
import { Complex } from "./complex.ts";
import { Decimal } from "./decimal.ts";
import { Duration } from "./duration.ts";
import { Ext } from "./ext.ts";
import { Float } from "./float.ts";
import { Handle } from "./handle.ts";
import { LocalDate, LocalDateTime, LocalTime } from "./local.ts";
import { Path } from "./path.ts";
import { Tuple } from "./tuple.ts";
import { Uuid } from "./uuid.ts";

const CLASSES: readonly (readonly [abstract new (...args: never) => unknown, string])[] = [
  [Float, "a float"],
  [Uint8Array, "bytes"],
  [ArrayBuffer, "bytes"],
  [Date, "a timestamp"],
  [LocalDate, "a date"],
  [LocalTime, "a time"],
  [LocalDateTime, "a datetime"],
  [Duration, "a duration"],
  [Decimal, "a decimal"],
  [Uuid, "a uuid"],
  [Tuple, "a tuple"],
  [Array, "a list"],
  [Set, "a set"],
  [Map, "a map"],
  [Complex, "a complex number"],
  [Path, "a path"],
  [Handle, "a handle"],
  [Attachment, "an attachment"],
  [Ext, "an extension"],
];

/** Names what something is, for the text of an error: `a list`, `Float64Array`, `a function`. Never throws. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return "nil";
  switch (typeof value) {
    case "number":
      return Number.isSafeInteger(value) ? "an int" : "a float";
    case "bigint":
      return "an int";
    case "object":
      return describeObject(value);
    default:
      return `a ${typeof value}`;
  }
}

function describeObject(value: object): string {
  for (const [type, name] of CLASSES) {
    if (value instanceof type) return name;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return "a map";
  const name: unknown = (value as { readonly constructor?: { readonly name?: unknown } })
    .constructor?.name;
  return typeof name === "string" && name !== "" ? name : "an object";
}
