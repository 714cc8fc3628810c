import { type Codec, msgpack } from "../codec/index.ts";
import type { Value, ValueMap } from "../value/index.ts";
import { Place } from "./place.ts";

/** How a worker is to do a call or a program (spec/worker.md). */
export interface CallBodyOptions {
  /** Time left for the call, in milliseconds. */
  readonly ttlMs?: number | undefined;
  /** Whether the call may be made again after its worker died. */
  readonly idempotent?: boolean | undefined;
  /** Whether the answer is a stream of items. */
  readonly stream?: boolean | undefined;
  /** How the result travels. */
  readonly result?: "auto" | "value" | "handle" | "arrow" | undefined;
  /** W3C trace context, there for the code that is called. */
  readonly traceparent?: string | undefined;
  /** Whether the answer tells how long it took. */
  readonly timed?: boolean | undefined;
  /** Whether it is asked from within a callback of a call in progress, and to be done before that goes on. */
  readonly nested?: boolean | undefined;
  /** Of what is nested, callId of that callback: the thread that waits for it does the work. */
  readonly within?: number | undefined;
  /** Whether somebody hears of the operations that the code tells of. */
  readonly operations?: boolean | undefined;
}

/** Steps that are done one after the other; the answer is that of the last. */
export interface ProgramBody {
  readonly steps: readonly (readonly Value[])[];
  readonly options: CallBodyOptions;
}

/** A call of a function or an iterable of the program, from a worker. */
export interface CallbackBody {
  /** Its number. */
  readonly function: number;
  readonly method: "call" | "next" | "return";
  readonly args: readonly Value[];
  readonly kwargs: ValueMap;
}

/** What is let go: live objects of a worker, or functions and iterables of the program. */
export interface ReleaseBody {
  readonly ids: readonly number[];
}

/** Where a worker spent its time on a call, in nanoseconds. */
export interface Figures {
  readonly decode: number;
  readonly run: number;
  readonly encode: number;
}

const MSGPACK = msgpack();
const MOST = Number.MAX_SAFE_INTEGER;
const RESULTS = ["auto", "value", "handle", "arrow"] as const;
const METHODS = ["call", "next", "return"] as const;
/** How many elements a step has, its name included. */
const STEPS: Readonly<Record<string, number>> = {
  name: 2,
  get: 3,
  set: 4,
  delete: 3,
  call: 4,
  item: 3,
  setItem: 4,
  deleteItem: 3,
  value: 2,
};
const FLAGS = ["idempotent", "stream", "timed", "nested", "operations"] as const;
const STEP_NAMES = Object.keys(STEPS);

/** The map of the options on the wire: those that are absent are left out. */
export function callOptions(options: CallBodyOptions): ValueMap {
  const { ttlMs, idempotent, stream, result, traceparent, timed, nested } = options;
  const { within, operations } = options;
  return { ttlMs, idempotent, stream, result, traceparent, timed, nested, within, operations };
}

/** @throws {AmphisError} BODY_INVALID */
export function readCallOptions(options: Place): CallBodyOptions {
  const read: Record<string, Value> = {};
  const take = (name: string, value: (place: Place) => Value): void => {
    const place = options.key(name);
    if (!place.isAbsent) read[name] = value(place);
  };
  take("ttlMs", (place) => place.int(0, MOST));
  for (const name of FLAGS) take(name, (place) => place.bool());
  take("within", (place) => place.int(0, MOST));
  take("result", (place) => place.oneOf(RESULTS));
  take("traceparent", (place) => place.text());
  return read;
}

export function encodeProgram({ steps, options }: ProgramBody, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode([steps, callOptions(options)]);
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeProgram(bytes: Uint8Array, codec: Codec = MSGPACK): ProgramBody {
  const [steps, options] = new Place("program", codec.decode(bytes)).array(2) as [Place, Place];
  return { steps: steps.array(1).map(readStep), options: readCallOptions(options) };
}

/** Attributes go by name; targets, keys and values may be anything. */
function readStep(step: Place): readonly Value[] {
  const [name] = step.array(1) as [Place];
  const kind = name.oneOf(STEP_NAMES);
  const parts = step.array(STEPS[kind] ?? 1);
  if (kind === "name") parts[1]?.text();
  else if (kind === "get" || kind === "set" || kind === "delete") parts[2]?.text();
  else if (kind === "call") {
    parts[2]?.list();
    parts[3]?.map();
  }
  return step.list();
}

export function encodeCallback(body: CallbackBody, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode([body.function, body.method, body.args, body.kwargs]);
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeCallback(bytes: Uint8Array, codec: Codec = MSGPACK): CallbackBody {
  return readCallback(codec.decode(bytes));
}

/** @throws {AmphisError} BODY_INVALID */
export function readCallback(value: Value): CallbackBody {
  const [id, method, args, kwargs] = new Place("callback", value).array(4) as [
    Place,
    Place,
    Place,
    Place,
  ];
  return {
    function: id.int(0, MOST),
    method: method.oneOf(METHODS),
    args: args.list(),
    kwargs: kwargs.map(),
  };
}

export function encodeRelease({ ids }: ReleaseBody, codec: Codec = MSGPACK): Uint8Array {
  return codec.encode([ids]);
}

/** @throws {AmphisError} BODY_INVALID, and what the codec throws for bytes that are no value */
export function decodeRelease(bytes: Uint8Array, codec: Codec = MSGPACK): ReleaseBody {
  const [ids] = new Place("release", codec.decode(bytes)).array(1) as [Place];
  return { ids: ids.array(0).map((id) => id.int(0, MOST)) };
}

/** @throws {AmphisError} BODY_INVALID */
export function readFigures(figures: Place): Figures {
  return {
    decode: figures.key("decode").int(0, MOST),
    run: figures.key("run").int(0, MOST),
    encode: figures.key("encode").int(0, MOST),
  };
}
