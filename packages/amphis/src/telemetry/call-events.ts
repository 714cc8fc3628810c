import { type EventChannel, eventChannel } from "./event-channel.ts";

/** What is asked of Python: one function, several steps at once, or items one after the other. */
export type CallKind = "call" | "program" | "stream";

/** Which call an event is about. */
export interface CallIdentity {
  /** Number of the call within its pool, the same in all its events. */
  readonly call: number;
  readonly pool: string;
  /** What is called: `numpy.linalg:norm`, `read_csv().groupby()`. */
  readonly name: string;
  readonly kind: CallKind;
  /** W3C trace context that the call carries into Python. */
  readonly traceparent?: string | undefined;
}

/**
 * Where the time of a call went, in milliseconds. What was not measured is absent.
 *
 * `transferMs` is what is left of the whole when all else is taken off: the channel both ways, and waiting inside the worker.
 */
export interface CallTimes {
  readonly totalMs: number;
  /** Until a worker was free. */
  readonly queueMs?: number | undefined;
  /** TypeScript values to bytes. */
  readonly encodeMs?: number | undefined;
  readonly transferMs?: number | undefined;
  /** Bytes to Python values. */
  readonly pythonDecodeMs?: number | undefined;
  /** The function that was called. */
  readonly pythonMs?: number | undefined;
  /** Python values to bytes. */
  readonly pythonEncodeMs?: number | undefined;
  /** Bytes to TypeScript values. */
  readonly decodeMs?: number | undefined;
}

/** How many bytes a call moved. What was not measured is absent. */
export interface CallBytes {
  /** Through the channel, both headers and bodies. */
  readonly sent?: number | undefined;
  readonly received?: number | undefined;
  /** Named in shared memory instead of sent. */
  readonly sharedOut?: number | undefined;
  readonly sharedIn?: number | undefined;
}

/** A call was handed to its pool. */
export interface CallStart extends CallIdentity {
  /** Calls that wait in front of it. */
  readonly waiting: number;
}

/** A call has its result; of a stream: it ended well. */
export interface CallStop extends CallIdentity {
  readonly worker: number;
  readonly times: CallTimes;
  readonly bytes: CallBytes;
  /** How often it was made, more than 1 after retries. */
  readonly attempts: number;
}

/** A call failed; its caller has the error. */
export interface CallError extends CallIdentity {
  /** Absent when it had none yet. */
  readonly worker?: number | undefined;
  readonly times: CallTimes;
  readonly bytes: CallBytes;
  readonly attempts: number;
  /** Code of the error, such as `WORKER_CRASHED`. */
  readonly code: string;
  readonly error: unknown;
}

/** A call is made again, because the attempt before failed or its worker died before it had begun. */
export interface CallRetry extends CallIdentity {
  /** Where the attempt before was. */
  readonly worker: number;
  /** Number of the attempt that comes, from 2. */
  readonly attempt: number;
  readonly delayMs: number;
  /** `moved`: it had not started, so nothing can happen twice. `retried`: it may have started, and is idempotent. */
  readonly reason: "moved" | "retried";
  /** Code of the error of the attempt before. */
  readonly code: string;
}

/** A stream has an item for its reader. */
export interface StreamItem extends CallIdentity {
  readonly worker: number;
  /** From 0. */
  readonly index: number;
}

/** A stream waits: its reader has not taken what is there, or Python has not made more. */
export interface StreamStall extends CallIdentity {
  readonly worker: number;
  readonly waitsFor: "reader" | "python";
  readonly items: number;
}

/** The items of a stream are over, in whatever way; the event of the call says which. */
export interface StreamStop extends CallIdentity {
  readonly worker?: number | undefined;
  readonly items: number;
  readonly reason: "end" | "left" | "error";
}

export const callStart: EventChannel<CallStart> = eventChannel("amphis:call:start");
export const callStop: EventChannel<CallStop> = eventChannel("amphis:call:stop");
export const callError: EventChannel<CallError> = eventChannel("amphis:call:error");
export const callRetry: EventChannel<CallRetry> = eventChannel("amphis:call:retry");
export const streamItem: EventChannel<StreamItem> = eventChannel("amphis:stream:item");
export const streamStall: EventChannel<StreamStall> = eventChannel("amphis:stream:stall");
export const streamStop: EventChannel<StreamStop> = eventChannel("amphis:stream:stop");
