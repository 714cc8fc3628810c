import { asRecord } from "../codec/index.ts";
import {
  Attachment,
  Complex,
  Duration,
  Ext,
  Float,
  formatInstant,
  Handle,
  instantParts,
  Tuple,
  type Value,
} from "../value/index.ts";
import { show } from "./show.ts";

/** A value goes deeper than is followed; the validator turns it into DEPTH_EXCEEDED. */
export class TooDeep {}

/**
 * A text that is the same for equal values and only for those: numbers by value, maps whatever their order.
 *
 * @throws {TooDeep} when containers go deeper than `room` levels
 */
export function identity(value: unknown, room: number): string {
  switch (typeof value) {
    case "string":
      return `s${value.length}:${value}`;
    case "number":
      return numeric(value);
    case "bigint":
      return `n${value}`;
    case "boolean":
      return String(value);
    case "object":
      return value === null ? "null" : objectIdentity(value, room);
    default:
      return value === undefined ? "null" : typeof value;
  }
}

/** An integral float beyond the safe integers is as exact as the bigint that it equals. */
function numeric(value: number): string {
  return Number.isInteger(value) ? `n${BigInt(value)}` : `n${value}`;
}

function objectIdentity(value: object, room: number): string {
  if (value instanceof Float) return numeric(value.value);
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) {
    return `b${new Uint8Array(value).join()}`;
  }
  if (value instanceof Date) {
    const parts = instantParts(value);
    return parts === undefined ? "T" : `T${formatInstant(parts.seconds, parts.nanoseconds)}`;
  }
  if (room <= 0) throw new TooDeep();
  return containerIdentity(value, room - 1);
}

function containerIdentity(value: object, room: number): string {
  if (Array.isArray(value)) {
    return `${value instanceof Tuple ? "t" : "l"}(${value.map((item) => identity(item, room)).join()})`;
  }
  if (value instanceof Set) {
    return `S(${Array.from(value, (item) => identity(item, room))
      .sort()
      .join()})`;
  }
  if (value instanceof Map) return entriesIdentity([...value], room);
  const record = asRecord(value as Value);
  return record === undefined
    ? scalarIdentity(value, room)
    : entriesIdentity(Object.entries(record), room);
}

function entriesIdentity(entries: readonly (readonly [unknown, unknown])[], room: number): string {
  const present = entries.filter(([, item]) => item !== undefined);
  return `m(${present
    .map(([key, item]) => `${identity(key, room)}=${identity(item, room)}`)
    .sort()
    .join()})`;
}

function scalarIdentity(value: object, room: number): string {
  if (value instanceof Complex) return `c${numeric(value.re)},${numeric(value.im)}`;
  if (value instanceof Duration) return `D${value.toString()}`;
  if (value instanceof Handle) return `H${value.id},${identity(value.type, room)}`;
  if (value instanceof Attachment) {
    return `A${value.index},${identity(value.format, room)},${identity(value.meta, room)}`;
  }
  if (value instanceof Ext) return `E${value.code},${identity(value.data, room)}`;
  const { text } = value as { readonly text?: unknown };
  return typeof text === "string" ? `${value.constructor.name}${text.length}:${text}` : show(value);
}
