import { type Codec, msgpack } from "../codec/index.ts";
import type { Value, ValueMap } from "../value/index.ts";
import { Place } from "./place.ts";

/** How much a line of a log matters, least first. */
export type LogLevel = "debug" | "info" | "warning" | "error" | "critical";

/** A line that Python logged or printed (spec/worker.md). */
export interface LogBody {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: LogLevel;
  readonly logger: string;
  readonly message: string;
  /** The call that said it; 0: none. */
  readonly call: number;
  /** Of `print`. */
  readonly stream?: "stdout" | "stderr" | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  /** Text of the exception that was logged with it. */
  readonly exception?: string | undefined;
}

/** Something that one side tells the other on the control line; ones that are not known are to be ignored. */
export interface EventBody extends ValueMap {
  readonly event: string;
}

const MSGPACK = msgpack();
const MOST = Number.MAX_SAFE_INTEGER;
const LEVELS = ["debug", "info", "warning", "error", "critical"] as const;
const STREAMS = ["stdout", "stderr"] as const;

export function encodeLog(body: LogBody, codec: Codec = MSGPACK): Uint8Array {
  const { time, level, logger, message, call, stream, file, line, exception } = body;
  return codec.encode({ time, level, logger, message, call, stream, file, line, exception });
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeLog(bytes: Uint8Array, codec: Codec = MSGPACK): LogBody {
  const log = new Place("log", codec.decode(bytes));
  const optional = <T>(name: string, read: (place: Place) => T): { readonly [key: string]: T } => {
    const place = log.key(name);
    return place.isAbsent ? {} : { [name]: read(place) };
  };
  return {
    time: log.key("time").number(),
    level: log.key("level").oneOf(LEVELS),
    logger: log.key("logger").text(),
    message: log.key("message").text(),
    call: log.key("call").int(0, MOST),
    ...optional("stream", (place) => place.oneOf(STREAMS)),
    ...optional("file", (place) => place.text()),
    ...optional("line", (place) => place.int(0, MOST)),
    ...optional("exception", (place) => place.text()),
  };
}

export function encodeEvent(body: EventBody, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode(body as Value);
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeEvent(bytes: Uint8Array, codec: Codec = MSGPACK): EventBody {
  const event = new Place("event", codec.decode(bytes));
  return { ...event.map(), event: event.key("event").text() };
}
