import { Float, msgpack, Tuple, type Value } from "@amphis/protocol";

import { Tensor } from "../../../memory/index.ts";
import { contentHash, textHash } from "./content-hash.ts";

/** Deeper values have no key, and so are not looked for. */
const MAX_DEPTH = 32;

/** Longer bytes are in keys as their hash. */
const LONG_BYTES = 64;

/** Longer keys are their own hash. */
const LONG_KEY = 512;

const codec = msgpack();

/** Thrown for what cannot be part of a key. */
class Keyless extends Error {}

/**
 * What arguments are, as a text: the same exactly for arguments that Python cannot tell apart.
 *
 * Each part says its type and length first, so no two lists of arguments have one text. Order counts, also of keyword arguments. Bytes and
 * arrays are in it by their content.
 *
 * @returns undefined where there is none: live objects, functions and what has an identity cannot be compared by what they are
 */
export function keyOf(
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>> | undefined,
): string | undefined {
  let key = "";
  try {
    for (const arg of args) key += textOf(arg, 0);
    if (kwargs !== undefined) {
      for (const [name, value] of Object.entries(kwargs)) {
        if (value !== undefined) key += `|${name}=${textOf(value, 0)}`;
      }
    }
  } catch {
    // What cannot be read has none either; whoever sends it says why.
    return undefined;
  }
  return key.length > LONG_KEY ? `#${textHash(key)}` : key;
}

function textOf(value: unknown, depth: number): string {
  switch (typeof value) {
    case "number":
      return numberText(value);
    case "string":
      return `s${value.length}:${value}`;
    case "boolean":
      return value ? "t" : "f";
    case "undefined":
      return "N";
    case "bigint":
      return `i${value};`;
    case "object":
      return value === null ? "N" : objectText(value, depth);
    default:
      throw new Keyless();
  }
}

/** As it travels: what is a safe integer is an `int`, as every bigint is. */
function numberText(value: number): string {
  if (Object.is(value, -0)) return "n-0;";
  return Number.isSafeInteger(value) ? `i${value};` : `n${value};`;
}

function objectText(value: object, depth: number): string {
  if (depth >= MAX_DEPTH) throw new Keyless();
  if (Array.isArray(value)) return listText(value as readonly unknown[], depth);
  if (value instanceof Tensor) return tensorText(value);
  if (ArrayBuffer.isView(value)) return viewText(value);
  if (value instanceof Map) {
    let text = "o";
    for (const [key, each] of value) text += textOf(key, depth + 1) + textOf(each, depth + 1);
    return `${text}.`;
  }
  if (value instanceof Set) {
    let text = `S${value.size}:`;
    for (const each of value) text += textOf(each, depth + 1);
    return text;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return valueText(value);
  let text = "o";
  for (const [name, each] of Object.entries(value)) {
    // What is undefined does not travel.
    if (each !== undefined) text += textOf(name, 0) + textOf(each, depth + 1);
  }
  return `${text}.`;
}

function listText(values: readonly unknown[], depth: number): string {
  let text = `${values instanceof Tuple ? "T" : "a"}${values.length}:`;
  for (const each of values) text += textOf(each, depth + 1);
  return text;
}

/** Dates, decimals and their like: as they travel. */
function valueText(value: object): string {
  if (value instanceof Float) {
    const text = numberText(value.value);
    // One that is integral is no `int` all the same.
    if (text.startsWith("n")) return text;
  }
  // Iterables travel as themselves, and what they give is not known before.
  if (Symbol.iterator in value || Symbol.asyncIterator in value) throw new Keyless();
  let bytes: Uint8Array;
  try {
    bytes = codec.encode(value as Value);
  } catch {
    throw new Keyless();
  }
  return `v${bytes.length}:${Buffer.from(bytes).toString("latin1")}`;
}

function tensorText(tensor: Tensor): string {
  const { dtype, shape } = tensor;
  const { memory, byteOffset, size, itemBytes } = tensor.isContiguous ? tensor : tensor.copy();
  const bytes = memory.bytes.subarray(byteOffset, byteOffset + size * itemBytes);
  return `A${dtype},${shape.join(",")}:${bytesText(bytes)}`;
}

function viewText(view: ArrayBufferView): string {
  if (view.buffer instanceof SharedArrayBuffer) throw new Keyless();
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const type = view instanceof Uint8Array ? "Uint8Array" : view.constructor.name;
  return `V${type}:${bytesText(bytes)}`;
}

function bytesText(bytes: Uint8Array): string {
  const text =
    bytes.length > LONG_BYTES
      ? `h${contentHash(bytes)}`
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  return `${bytes.length}:${text}`;
}
