import {
  Attachment,
  Complex,
  Decimal,
  Duration,
  Ext,
  Float,
  Handle,
  LocalDate,
  LocalDateTime,
  LocalTime,
  parseInstant,
  Path,
  Tuple,
  Uuid,
  type Value,
} from "../../value/index.ts";
import { base64Decode } from "../../platform.ts";
import { type CodecOptions, MAX_INT_BYTES } from "../codec.ts";
import { corrupt, tooDeep } from "../corrupt.ts";
import type { BigIntKeys } from "../key.ts";
import { isKey, KEY_RULE, TOO_ALIKE } from "../key.ts";
import { intToBytes, narrow } from "../integer.ts";
import { asRecord, setProperty } from "../record.ts";

/** Longest decimal text of an int of {@link MAX_INT_BYTES}, so that a longer one is refused before it is computed. */
const MAX_INT_DIGITS = Math.ceil(MAX_INT_BYTES * 8 * Math.log10(2)) + 1;
const INT = /^-?[1-9]\d*$/;

/** What one decoding needs at every place. */
export interface JsonDecoding extends Required<CodecOptions> {
  readonly bigIntKeys: BigIntKeys;
}

/** The value of a tree that `JSON.parse` made. */
export function fromTree(tree: unknown, options: JsonDecoding, left: number): Value {
  if (typeof tree === "number" || typeof tree !== "object" || tree === null) return scalar(tree);
  if (Array.isArray(tree)) return list(tree, options, left);
  const keys = Object.keys(tree);
  const [only = ""] = keys;
  if (keys.length === 1 && only.startsWith("$")) {
    return tagged(only, (tree as Record<string, unknown>)[only], options, left);
  }
  return record(tree as Record<string, unknown>, keys, options, left);
}

function scalar(tree: unknown): Value {
  // An integral number beyond 2^53 was written as a float; one that JSON.parse made infinite was too large for a float.
  if (typeof tree === "number" && !Number.isFinite(tree)) {
    throw refused("a number is too large for a float");
  }
  if (typeof tree === "string" && /\p{Surrogate}/u.test(tree)) {
    throw refused("a string holds a lone surrogate");
  }
  // "-0" is an integral number within the safe range, so it is the int 0.
  return tree === 0 ? 0 : (tree as Value);
}

function list(tree: readonly unknown[], options: JsonDecoding, left: number): Value[] {
  if (left === 0) throw tooDeep("json", options.maxDepth);
  return tree.map((item) => fromTree(item, options, left - 1));
}

function record(
  tree: Record<string, unknown>,
  keys: readonly string[],
  options: JsonDecoding,
  left: number,
): Value {
  if (left === 0) throw tooDeep("json", options.maxDepth);
  const entries = keys.map(
    (key) => [scalar(key) as string, fromTree(tree[key], options, left - 1)] as const,
  );
  if (options.maps === "map") return new Map<Value, Value>(entries);
  const value: Record<string, Value> = {};
  for (const [key, item] of entries) setProperty(value, key, item);
  return value;
}

function tagged(tag: string, body: unknown, options: JsonDecoding, left: number): Value {
  switch (tag) {
    case "$map":
      return entries(body, options, left);
    case "$set":
      return new Set(items(tag, body, options, left).map((item) => checkKey(item, options)));
    case "$tuple":
      return Tuple.from(items(tag, body, options, left));
    case "$attachment":
      return attachment(body, options, left);
    case "$float":
      return float(body, options);
    case "$complex":
      return complex(body);
    case "$handle":
      return handle(body);
    case "$ext":
      return ext(body);
    default:
      return textual(tag, body);
  }
}

/** The tags whose body is one text. */
function textual(tag: string, body: unknown): Value {
  if (typeof body !== "string") throw bad(tag, body);
  const text = scalar(body) as string;
  const value = parseText(tag, text);
  if (value === undefined) throw bad(tag, body);
  return value;
}

function parseText(tag: string, text: string): Value {
  switch (tag) {
    case "$int":
      return int(text);
    case "$bytes":
      return base64Decode(text);
    case "$timestamp":
      return parseInstant(text);
    case "$duration":
      return Duration.parse(text);
    case "$date":
      return LocalDate.isText(text) ? new LocalDate(text) : undefined;
    case "$time":
      return LocalTime.isText(text) ? new LocalTime(text) : undefined;
    case "$datetime":
      return LocalDateTime.isText(text) ? new LocalDateTime(text) : undefined;
    case "$decimal":
      return Decimal.isText(text) ? new Decimal(text) : undefined;
    case "$uuid":
      return Uuid.isText(text) ? new Uuid(text) : undefined;
    case "$path":
      return Path.isText(text) ? new Path(text) : undefined;
    default:
      throw refused(`there is no tag ${JSON.stringify(tag.slice(0, 40))}`);
  }
}

function int(text: string): Value {
  if (text.length > MAX_INT_DIGITS || !INT.test(text)) return undefined;
  const value = BigInt(text);
  return intToBytes(value) === undefined ? undefined : narrow(value);
}

const SPECIAL: Readonly<Record<string, number>> = {
  "-0": -0,
  NaN: Number.NaN,
  Infinity,
  "-Infinity": -Infinity,
};

function floatNumber(body: unknown): number | undefined {
  if (typeof body === "number" && Number.isFinite(body)) return body;
  return typeof body === "string" && Object.hasOwn(SPECIAL, body) ? SPECIAL[body] : undefined;
}

function float(body: unknown, options: JsonDecoding): Value {
  const number = floatNumber(body);
  if (number === undefined) throw bad("$float", body);
  return options.exactFloats && Number.isSafeInteger(number) ? new Float(number) : number;
}

function complex(body: unknown): Complex {
  const [re, im] = pair(body).map(floatNumber);
  if (re === undefined || im === undefined) throw bad("$complex", body);
  return new Complex(re, im);
}

function handle(body: unknown): Handle {
  const [id, type] = pair(body);
  if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0 || typeof type !== "string") {
    throw bad("$handle", body);
  }
  return new Handle(id, scalar(type) as string);
}

function ext(body: unknown): Ext {
  const [code, data] = pair(body);
  const bytes = typeof data === "string" ? base64Decode(data) : undefined;
  if (!Ext.isCode(code) || bytes === undefined) throw bad("$ext", body);
  return new Ext(code, bytes);
}

function pair(body: unknown): readonly unknown[] {
  return Array.isArray(body) && body.length === 2 ? body : [];
}

function items(tag: string, body: unknown, options: JsonDecoding, left: number): Value[] {
  if (!Array.isArray(body)) throw bad(tag, body);
  return list(body, options, left);
}

function entries(body: unknown, options: JsonDecoding, left: number): Value {
  if (!Array.isArray(body)) throw bad("$map", body);
  if (left === 0) throw tooDeep("json", options.maxDepth);
  const map = new Map<Value, Value>();
  for (const entry of body) {
    const [key, item] = pair(entry);
    if (!Array.isArray(entry) || entry.length !== 2) throw bad("$map", entry);
    map.set(checkKey(fromTree(key, options, left - 1), options), fromTree(item, options, left - 1));
  }
  return options.maps === "map" ? map : (asRecord(map) ?? map);
}

/** The list that holds the three parts is no level of its own, so the third may not be an attachment again. */
function attachment(body: unknown, options: JsonDecoding, left: number): Attachment {
  const [index, format, entries] =
    Array.isArray(body) && body.length === 3 ? (body as unknown[]) : [];
  const meta = isAttachment(entries) ? undefined : asRecord(fromTree(entries, options, left));
  if (!Attachment.isIndex(index) || typeof format !== "string" || meta === undefined) {
    throw bad("$attachment", body);
  }
  return new Attachment(index, scalar(format) as string, meta);
}

function isAttachment(tree: unknown): boolean {
  return (
    typeof tree === "object" &&
    tree !== null &&
    Object.keys(tree).length === 1 &&
    Object.hasOwn(tree, "$attachment")
  );
}

function checkKey(key: Value, options: JsonDecoding): Value {
  if (!isKey(key)) throw refused(KEY_RULE);
  if (typeof key === "bigint" && !options.bigIntKeys.accepts(key)) throw refused(TOO_ALIKE);
  return key;
}

function bad(tag: string, body: unknown): Error {
  return refused(
    `${typeof body === "string" ? JSON.stringify(body.slice(0, 40)) : "the body"} is not what ${tag} holds`,
  );
}

/** A tree has no offsets. */
function refused(reason: string): Error {
  return corrupt("json", 0, reason);
}
