import { type Codec, msgpack } from "../codec/index.ts";
import {
  type AmphisError,
  decodeError,
  encodeError,
  isAmphisError,
  type WireError,
} from "../error/index.ts";
import type { Value } from "../value/index.ts";
import { Place } from "./place.ts";

const MSGPACK = msgpack();
const MAX_CAUSES = 8;

/**
 * The body of an error frame for anything thrown. Never fails: what cannot travel is left out.
 */
export function encodeErrorBody(thrown: unknown, codec: Codec = MSGPACK): Uint8Array {
  const wire = encodeError(thrown);
  try {
    return codec.encode(wire as unknown as Value);
  } catch (error) {
    // A context may hold what is no value, a text may hold half a surrogate pair. The error itself matters more.
    if (!isAmphisError(error)) throw error;
    return codec.encode(onlyText(wire) as unknown as Value);
  }
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeErrorBody(bytes: Uint8Array, codec: Codec = MSGPACK): AmphisError {
  return errorOf(new Place("error", codec.decode(bytes)));
}

/** The error that a map describes. @throws {AmphisError} BODY_INVALID */
export function errorOf(place: Place): AmphisError {
  return decodeError(plainMaps(place, 0));
}

/** The maps that errors are made of as plain objects, also from a codec that returns a `Map` for each. */
function plainMaps(place: Place, depth: number): Record<string, unknown> {
  const map: Record<string, unknown> = { ...place.map() };
  for (const name of ["context", "origin"]) {
    const inner = place.key(name);
    if (!inner.isAbsent) map[name] = inner.map();
  }
  const cause = place.key("cause");
  if (!cause.isAbsent && depth < MAX_CAUSES) map["cause"] = plainMaps(cause, depth + 1);
  return map;
}

function onlyText(wire: WireError): WireError {
  const { origin, cause, correlationId } = wire;
  return {
    ...wire,
    code: wellFormed(wire.code),
    category: wellFormed(wire.category),
    message: wellFormed(wire.message),
    context: {},
    ...(correlationId === undefined ? {} : { correlationId: wellFormed(correlationId) }),
    ...(origin === undefined
      ? {}
      : {
          origin: Object.fromEntries(
            Object.entries(origin).map(([key, text]) => [key, wellFormed(String(text))]),
          ),
        }),
    ...(cause === undefined ? {} : { cause: onlyText(cause) }),
  };
}

function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, "\ufffd");
}
