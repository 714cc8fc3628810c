import { type Codec, msgpack } from "../codec/index.ts";
import type { Value, ValueMap } from "../value/index.ts";
import { Place } from "./place.ts";

/** A call of a function by name. */
export interface CallBody {
  /** `module:attribute`. */
  readonly function: string;
  readonly args: readonly Value[];
  readonly kwargs: ValueMap;
  readonly options: CallBodyOptions;
}

export interface CallBodyOptions {
  /** Time left for the call, in milliseconds. */
  readonly ttlMs?: number | undefined;
  /** Whether the call may be made again after its worker died. */
  readonly idempotent?: boolean | undefined;
  /** Whether the answer is a stream of items. */
  readonly stream?: boolean | undefined;
}

const MSGPACK = msgpack();

export function encodeCall(call: CallBody, codec: Codec = MSGPACK): Uint8Array {
  const { ttlMs, idempotent, stream } = call.options;
  return codec.encode([call.function, call.args, call.kwargs, { ttlMs, idempotent, stream }]);
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
    options: readOptions(options),
  };
}

function readOptions(options: Place): CallBodyOptions {
  const [ttlMs, idempotent, stream] = [
    options.key("ttlMs"),
    options.key("idempotent"),
    options.key("stream"),
  ];
  return {
    ...(ttlMs.isAbsent ? {} : { ttlMs: ttlMs.int(0, Number.MAX_SAFE_INTEGER) }),
    ...(idempotent.isAbsent ? {} : { idempotent: idempotent.bool() }),
    ...(stream.isAbsent ? {} : { stream: stream.bool() }),
  };
}
