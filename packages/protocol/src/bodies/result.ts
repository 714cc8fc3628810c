import { type Codec, msgpack } from "../codec/index.ts";
import type { Value } from "../value/index.ts";
import { Place } from "./place.ts";

/** The answer to a call. */
export interface ResultBody {
  readonly value: Value;
}

const MSGPACK = msgpack();

export function encodeResult(result: ResultBody, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode([result.value]);
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeResult(bytes: Uint8Array, codec: Codec = MSGPACK): ResultBody {
  const [value] = new Place("result", codec.decode(bytes)).array(1) as [Place];
  return { value: value.value };
}
