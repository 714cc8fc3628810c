import { asRecord, type Codec, msgpack } from "../codec/index.ts";
import type { Value, ValueMap } from "../value/index.ts";
import { Place } from "./place.ts";

/** Says where in shared memory the data of an attachment is. Whoever reads it checks the token before touching memory. */
export interface Reference extends UnsignedReference {
  /** HMAC-SHA-256 with the key of the connection over {@link referenceToSign}; 32 bytes. */
  readonly token: Uint8Array;
}

export interface UnsignedReference {
  readonly arena: number;
  /** Which use of the span this is: 0 to 2^32-1. A stale one is refused. */
  readonly generation: number;
  readonly offset: number;
  readonly byteLength: number;
  readonly holder: number;
  /** Milliseconds since 1970; 0 means never. */
  readonly expiresAt: number;
  /** How to read the bytes. Keys that this version does not know are kept, for the token covers them. */
  readonly descriptor: ReferenceDescriptor;
}

export interface ReferenceDescriptor extends ValueMap {
  readonly dtype?: string | undefined;
  readonly shape?: readonly number[] | undefined;
  readonly strides?: readonly number[] | undefined;
  readonly format?: string | undefined;
}

/** Floats stay floats, so that what was signed is encoded to the same bytes again. */
const MSGPACK = msgpack({ exactFloats: true });
const TOKEN_BYTES = 32;
const MAX_GENERATION = 0xffff_ffff;

type Fields = readonly [
  arena: number,
  generation: number,
  offset: number,
  byteLength: number,
  holder: number,
  expiresAt: number,
  descriptor: ReferenceDescriptor,
  token: Uint8Array,
];

export function encodeReference(reference: Reference, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode([...fieldsOf(reference), reference.token]);
}

/** The bytes that the token of a reference covers. */
export function referenceToSign(reference: UnsignedReference, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode(fieldsOf(reference));
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeReference(bytes: Uint8Array, codec: Codec = MSGPACK): Reference {
  const value = codec.decode(bytes);
  return isFields(value) ? referenceOf(value) : judged(new Place("reference", value));
}

function fieldsOf(reference: UnsignedReference): readonly Value[] {
  const { arena, generation, offset, byteLength, holder, expiresAt, descriptor } = reference;
  return [arena, generation, offset, byteLength, holder, expiresAt, descriptor];
}

function referenceOf(fields: Fields): Reference {
  const [arena, generation, offset, byteLength, holder, expiresAt, descriptor, token] = fields;
  return { arena, generation, offset, byteLength, holder, expiresAt, descriptor, token };
}

/** Whether it is what nearly every reference is. All else is read place by place, to say where it is wrong. */
function isFields(value: unknown): value is Fields {
  if (!Array.isArray(value)) return false;
  const fields = value as readonly unknown[];
  for (let at = 0; at < 6; at += 1) if (!isInt(fields[at], 0)) return false;
  const [, generation, , , , , descriptor, token] = fields as Fields;
  return (
    generation <= MAX_GENERATION &&
    isDescriptor(descriptor) &&
    token instanceof Uint8Array &&
    token.byteLength === TOKEN_BYTES
  );
}

function isInt(value: unknown, min: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= min && !Object.is(value, -0);
}

function isDescriptor(value: Value): boolean {
  // A map of another form is made a record by its place.
  if (value instanceof Map) return false;
  const record = asRecord(value);
  return (
    record !== undefined &&
    isTextIn(record, "dtype") &&
    isTextIn(record, "format") &&
    areIntsIn(record, "shape", 0) &&
    areIntsIn(record, "strides", Number.MIN_SAFE_INTEGER)
  );
}

function isTextIn(record: ValueMap, name: string): boolean {
  return !Object.hasOwn(record, name) || typeof record[name] === "string";
}

function areIntsIn(record: ValueMap, name: string, min: number): boolean {
  if (!Object.hasOwn(record, name)) return true;
  const ints = record[name];
  return Array.isArray(ints) && ints.every((int) => isInt(int, min));
}

function judged(place: Place): Reference {
  const [arena, generation, offset, byteLength, holder, expiresAt, descriptor, token] = place.array(
    8,
  ) as [Place, Place, Place, Place, Place, Place, Place, Place];
  return {
    arena: size(arena),
    generation: generation.int(0, MAX_GENERATION),
    offset: size(offset),
    byteLength: size(byteLength),
    holder: size(holder),
    expiresAt: size(expiresAt),
    descriptor: readDescriptor(descriptor),
    token: token.bytes(TOKEN_BYTES),
  };
}

function size(place: Place): number {
  return place.int(0, Number.MAX_SAFE_INTEGER);
}

function readDescriptor(place: Place): ReferenceDescriptor {
  for (const name of ["dtype", "format"]) {
    const text = place.key(name);
    if (!text.isAbsent) text.text();
  }
  for (const [name, min] of [
    ["shape", 0],
    ["strides", Number.MIN_SAFE_INTEGER],
  ] as const) {
    const ints = place.key(name);
    if (!ints.isAbsent) ints.array(0).forEach((int) => int.int(min, Number.MAX_SAFE_INTEGER));
  }
  return place.map() as ReferenceDescriptor;
}
