import { type Codec, msgpack } from "../codec/index.ts";
import type { Value, ValueMap } from "../value/index.ts";
import { Place } from "./place.ts";
import { readCallOptions, type CallBodyOptions, callOptions } from "./work.ts";

/** A call of a function by name. */
export interface CallBody {
  /** `module:attribute`. */
  readonly function: string;
  readonly args: readonly Value[];
  readonly kwargs: ValueMap;
  readonly options: CallBodyOptions;
}

const MSGPACK = msgpack();

export function encodeCall(call: CallBody, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode([call.function, call.args, call.kwargs, callOptions(call.options)]);
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeCall(bytes: Uint8Array, codec: Codec = MSGPACK): CallBody {
  const [name, args, kwargs, options] = new Place("call", codec.decode(bytes)).array(4) as [
    Place,
    Place,
    Place,
    Place,
  ];
  return {
    function: name.text(),
    args: args.list(),
    kwargs: kwargs.map(),
    options: readCallOptions(options),
  };
}
