import type { Reference, ReferenceDescriptor } from "@amphis/protocol";
import { create } from "@bufbuild/protobuf";

import { type SharedMemoryReference, SharedMemoryReferenceSchema } from "../generated/index.ts";
import { Place } from "./place.ts";
import { ValueReader } from "./value-from-proto.ts";
import { ValueWriter } from "./value-to-proto.ts";

/** @throws {AmphisError} VALUE_UNSUPPORTED when the descriptor holds what is no value */
export function referenceToProto(reference: Reference): SharedMemoryReference {
  return writeReference(reference, new ValueWriter(new Place("reference")));
}

/** @throws {AmphisError} BODY_INVALID */
export function referenceFromProto(message: SharedMemoryReference): Reference {
  return readReference(message, new Place("reference"));
}

export function writeReference(reference: Reference, writer: ValueWriter): SharedMemoryReference {
  return create(SharedMemoryReferenceSchema, {
    arena: BigInt(reference.arena),
    generation: reference.generation,
    offset: BigInt(reference.offset),
    byteLength: BigInt(reference.byteLength),
    holder: BigInt(reference.holder),
    expiresAtMs: BigInt(reference.expiresAt),
    descriptor: writer.place.in(".descriptor", () => writer.record(reference.descriptor)),
    token: reference.token as Uint8Array<ArrayBuffer>,
  });
}

/** Floats stay floats: the token covers the encoded descriptor. */
export function readReference(message: SharedMemoryReference, place: Place): Reference {
  const safe = (step: string, value: bigint): number => place.in(step, () => place.safe(value));
  if (message.token.length !== 32) throw place.in(".token", () => place.invalid("32 bytes"));
  return {
    arena: safe(".arena", message.arena),
    generation: message.generation,
    offset: safe(".offset", message.offset),
    byteLength: safe(".byte_length", message.byteLength),
    holder: safe(".holder", message.holder),
    expiresAt: safe(".expires_at_ms", message.expiresAtMs),
    descriptor: place.in(".descriptor", () =>
      readDescriptor(
        new ValueReader(place, { exactFloats: true }).record(message.descriptor),
        place,
      ),
    ),
    token: message.token,
  };
}

function readDescriptor(descriptor: ReferenceDescriptor, place: Place): ReferenceDescriptor {
  for (const key of ["dtype", "format"]) {
    if (!["string", "undefined"].includes(typeof descriptor[key])) {
      throw place.in(`.${key}`, () => place.invalid("a string"));
    }
  }
  for (const key of ["shape", "strides"]) {
    const value = descriptor[key];
    const isInts =
      Array.isArray(value) &&
      value.every((item) => Number.isSafeInteger(item) && (key === "strides" || item >= 0));
    if (value !== undefined && !isInts) {
      throw place.in(`.${key}`, () => place.invalid("a list of ints"));
    }
  }
  return descriptor;
}
