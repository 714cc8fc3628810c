import { type Codec, msgpack } from "../codec/index.ts";
import type { Value } from "../value/index.ts";
import { Place } from "./place.ts";
import { type Figures, readFigures } from "./work.ts";

/** The answer to a call. */
export interface ResultBody {
  readonly value: Value;
  /** Where the time went, when that was asked for. */
  readonly figures?: Figures | undefined;
}

const MSGPACK = msgpack();

export function encodeResult(result: ResultBody, codec: Codec = MSGPACK): Uint8Array {
  const { value, figures } = result;
  return codec.encode(figures === undefined ? [value] : [value, { ...figures }]);
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeResult(bytes: Uint8Array, codec: Codec = MSGPACK): ResultBody {
  const [value, figures] = new Place("result", codec.decode(bytes)).array(1) as [Place, Place?];
  return {
    value: value.value,
    ...(figures === undefined || figures.isAbsent ? {} : { figures: readFigures(figures) }),
  };
}
