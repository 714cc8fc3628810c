import { type Codec, msgpack } from "../codec/index.ts";
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

export function encodeReference(reference: Reference, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode([...fieldsOf(reference), reference.token]);
}

/** The bytes that the token of a reference covers. */
export function referenceToSign(reference: UnsignedReference, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode(fieldsOf(reference));
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeReference(bytes: Uint8Array, codec: Codec = MSGPACK): Reference {
  const place = new Place("reference", codec.decode(bytes));
  const [arena, generation, offset, byteLength, holder, expiresAt, descriptor, token] = place.array(
    8,
  ) as [Place, Place, Place, Place, Place, Place, Place, Place];
  return {
    arena: size(arena),
    generation: generation.int(0, 0xffff_ffff),
    offset: size(offset),
    byteLength: size(byteLength),
    holder: size(holder),
    expiresAt: size(expiresAt),
    descriptor: readDescriptor(descriptor),
    token: token.bytes(TOKEN_BYTES),
  };
}

function fieldsOf(reference: UnsignedReference): readonly Value[] {
  const { arena, generation, offset, byteLength, holder, expiresAt, descriptor } = reference;
  return [arena, generation, offset, byteLength, holder, expiresAt, descriptor];
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
