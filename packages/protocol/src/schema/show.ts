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
} from "../value/index.ts";

const MAX_SHOWN = 40;

/** The received text of what is not there. */
export const NOTHING = "nothing";

const NAME = /^[A-Za-z_$][A-Za-z0-9_$]{0,39}$/;
const HIDDEN =
  /[\u0000-\u001f"\\\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/gu;

/** Quotes a string, escaped and shortened so that no text can disturb a terminal or a log. */
export function quote(text: string): string {
  return `"${shorten(text).replace(HIDDEN, escapeCharacter)}"`;
}

/** At most 40 code points, whatever the length of the text. */
function shorten(text: string): string {
  if (text.length <= MAX_SHOWN) return text;
  const points = Array.from(text.slice(0, 2 * MAX_SHOWN + 1));
  return points.length <= MAX_SHOWN ? text : `${points.slice(0, MAX_SHOWN).join("")}…`;
}

function escapeCharacter(character: string): string {
  const json = JSON.stringify(character).slice(1, -1);
  return json === character ? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}` : json;
}

/** The step of a path to a property. */
export function propertyStep(name: string): string {
  return NAME.test(name) ? `.${name}` : `[${quote(name)}]`;
}

/** The step of a path to an entry of a map with any keys. */
export function entryStep(key: unknown): string {
  return typeof key === "string" ? propertyStep(key) : `[${show(key)}]`;
}

/** Names what was received, in a few words; never throws. */
export function show(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quote(value);
    case "number":
      return String(value);
    case "bigint":
      return showInteger(value);
    case "boolean":
      return String(value);
    case "undefined":
      return "null";
    case "object":
      return value === null ? "null" : showObject(value);
    default:
      return `a ${typeof value}`;
  }
}

/** The digits of a huge int are only counted, and that without writing them in decimal. */
function showInteger(value: bigint): string {
  const magnitude = value < 0n ? -value : value;
  const bits = magnitude.toString(2).length;
  if (bits <= 128) return showDigits(String(magnitude).length, value);
  const estimate = Math.floor(bits * Math.log10(2)) + 1;
  return showDigits(magnitude < 10n ** BigInt(estimate - 1) ? estimate - 1 : estimate, value);
}

function showDigits(digits: number, value: bigint): string {
  return digits > MAX_SHOWN ? `an integer of ${digits} digits` : String(value);
}

function showObject(value: object): string {
  if (value instanceof Float) return String(value.value);
  if (value instanceof Tuple) return `a tuple of ${value.length}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Map) return `a map of ${value.size}`;
  if (value instanceof Set) return `a set of ${value.size}`;
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
    return `bytes of length ${value.byteLength}`;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return `a map of ${countPresent(value as Readonly<Record<string, unknown>>)}`;
  }
  return showScalar(value);
}

function countPresent(record: Readonly<Record<string, unknown>>): number {
  return Object.keys(record).filter((name) => record[name] !== undefined).length;
}

function showScalar(value: object): string {
  if (value instanceof Date) {
    const parts = instantParts(value);
    return parts === undefined
      ? "a timestamp"
      : `timestamp ${formatInstant(parts.seconds, parts.nanoseconds)}`;
  }
  if (value instanceof LocalDate) return `date ${value.text}`;
  if (value instanceof LocalTime) return `time ${value.text}`;
  if (value instanceof LocalDateTime) return `datetime ${value.text}`;
  if (value instanceof Duration) return `duration ${value.toString()}`;
  if (value instanceof Decimal) {
    return value.text.length <= MAX_SHOWN
      ? `decimal ${value.text}`
      : `a decimal of ${value.text.length} characters`;
  }
  if (value instanceof Uuid) return `uuid ${value.text}`;
  if (value instanceof Path) return `path ${quote(value.text)}`;
  if (value instanceof Complex) return "a complex";
  if (value instanceof Handle) return "a handle";
  if (value instanceof Attachment) return "an attachment";
  if (value instanceof Ext) return "an ext";
  return "an object that is no value";
}
