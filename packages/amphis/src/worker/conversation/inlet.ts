import {
  type AmphisError,
  decodeRelease,
  type Frame,
  isAmphisError,
  Place,
  readFigures,
  type Value,
} from "@amphis/protocol";

import type { IncomingValues } from "../values/index.ts";
import type { Callbacks } from "./callbacks.ts";
import { remoteError } from "./failures.ts";
import type { OpenCall } from "./open-call.ts";
import type { OpenCalls } from "./open-calls.ts";
import { frameRefused, isBreach, type WorkerName } from "./refusals.ts";
import type { WorkerTimes } from "./work.ts";

export interface InletInit {
  readonly name: WorkerName;
  /** What was not answered; what is answered is taken out. */
  readonly calls: OpenCalls;
  readonly incoming: IncomingValues;
  readonly callbacks: Callbacks;
  readonly keepsExceptions: boolean;
  /** Breaks a stream off whose item this side cannot take. */
  readonly breakOff: (callId: number) => void;
}

/** In place of a body that this side could not take. */
const UNTAKEN = Symbol("untaken");

/** Frames of a worker, judged and handed to who waits for them. */
export class Inlet {
  readonly #name: WorkerName;
  readonly #calls: OpenCalls;
  readonly #incoming: IncomingValues;
  readonly #callbacks: Callbacks;
  readonly #keepsExceptions: boolean;
  readonly #breakOff: (callId: number) => void;

  constructor(init: InletInit) {
    this.#name = init.name;
    this.#calls = init.calls;
    this.#incoming = init.incoming;
    this.#callbacks = init.callbacks;
    this.#keepsExceptions = init.keepsExceptions;
    this.#breakOff = init.breakOff;
  }

  /**
   * Takes a frame of the channel. What it throws ends the connection.
   *
   * @throws {AmphisError} WORKER_FRAME_REFUSED
   */
  take(frame: Frame): void {
    switch (frame.kind) {
      case "result":
        return this.#takeResult(frame);
      case "error":
        return this.#takeError(frame);
      case "item":
        return this.#takeItem(frame);
      case "end":
        return this.#takeEnd(frame);
      case "callback":
        return this.#takeCallback(frame);
      case "release":
        return this.#takeRelease(frame);
      default:
        throw this.#refused(frame, "a worker sends no frames of this kind over the channel");
    }
  }

  #takeResult(frame: Frame): void {
    const call = this.#callOf(frame);
    if (call.isStream) throw this.#refused(frame, "the call is answered by a stream");
    const body = this.#decode(frame, call);
    if (body === UNTAKEN) return;
    if (!Array.isArray(body) || body.length === 0) throw this.#refused(frame, "it holds no value");
    const { tally } = call;
    if (tally !== undefined) tally.worker = this.#timesOf(frame, body);
    this.#calls.delete(frame.callId);
    call.sink.resolve(body[0], tally);
  }

  #takeError(frame: Frame): void {
    const call = this.#callOf(frame);
    const error = this.#errorOf(frame);
    this.#calls.delete(frame.callId);
    call.sink.reject(error, call.tally);
  }

  #takeItem(frame: Frame): void {
    const call = this.#callOf(frame);
    if (!call.isStream) throw this.#refused(frame, "the call is not answered by a stream");
    if (call.credit === 0) throw this.#refused(frame, "there is no credit for it");
    const body = this.#decode(frame, call);
    if (body === UNTAKEN) return;
    if (!Array.isArray(body) || body.length < 2) throw this.#refused(frame, "it holds no item");
    if (body[0] !== call.next) throw this.#refused(frame, `item ${call.next} comes next`);
    call.credit -= 1;
    call.next += 1;
    if (!call.isDropped) call.sink.item?.(body[1]);
  }

  #takeEnd(frame: Frame): void {
    const call = this.#callOf(frame);
    if (!call.isStream) throw this.#refused(frame, "the call is not answered by a stream");
    const body = this.#decode(frame, call);
    if (body === UNTAKEN) return;
    if (!Array.isArray(body) || body[0] !== call.next) {
      throw this.#refused(frame, `there were ${call.next} items`);
    }
    this.#calls.delete(frame.callId);
    call.sink.end?.(call.tally);
  }

  #takeCallback(frame: Frame): void {
    try {
      this.#callbacks.serve(frame, this.#incoming.decode(frame));
    } catch (error) {
      if (isBreach(error)) throw this.#refused(frame, error);
      this.#callbacks.fail(frame.callId, error);
    }
  }

  #takeRelease(frame: Frame): void {
    let ids: readonly number[];
    try {
      ({ ids } = decodeRelease(frame.body));
    } catch (error) {
      throw this.#refused(frame, error);
    }
    for (const id of ids) this.#callbacks.release(id);
  }

  /** @throws {AmphisError} WORKER_FRAME_REFUSED when the worker has no such call, or has answered it */
  #callOf(frame: Frame): OpenCall {
    const call = this.#calls.get(frame.callId);
    if (call === undefined) {
      throw this.#refused(frame, `there is no call ${frame.callId} to answer`);
    }
    if (call.luggage !== undefined) call.arrived();
    if (call.tally !== undefined) call.tally.received(frame);
    return call;
  }

  /** The body of an answer; one that this side cannot take rejects its call. @throws {AmphisError} WORKER_FRAME_REFUSED */
  #decode(frame: Frame, call: OpenCall): Value | typeof UNTAKEN {
    const { tally } = call;
    const since = tally === undefined ? 0 : performance.now();
    try {
      const body = call.isDropped
        ? this.#incoming.decodePlain(frame)
        : this.#incoming.decode(frame);
      if (tally !== undefined) tally.decoded(frame, since);
      return body;
    } catch (error) {
      if (isBreach(error)) throw this.#refused(frame, error);
      this.#reject(frame.callId, call, error);
      return UNTAKEN;
    }
  }

  /** Rejects a call whose answer this side cannot take. A stream goes on in the worker until it hears of it. */
  #reject(callId: number, call: OpenCall, error: unknown): void {
    const { sink } = call;
    if (call.isStream) {
      call.abandon();
      this.#breakOff(callId);
    } else {
      this.#calls.delete(callId);
    }
    sink.reject(error, call.tally);
  }

  #errorOf(frame: Frame): unknown {
    try {
      const body = this.#keepsExceptions
        ? this.#incoming.decode(frame)
        : this.#incoming.decodePlain(frame);
      return this.#withOwn(remoteError(body));
    } catch (error) {
      throw this.#refused(frame, error);
    }
  }

  /** What callbacks have thrown is in the chain of causes as itself. */
  #withOwn(error: AmphisError): unknown {
    const first = this.#ownOf(error);
    if (first !== undefined) return first.error;
    for (let each = error; isAmphisError(each.cause); each = each.cause) {
      const own = this.#ownOf(each.cause);
      if (own === undefined) continue;
      each.cause = own.error;
      break;
    }
    return error;
  }

  #ownOf({ code, context }: AmphisError): { readonly error: unknown } | undefined {
    if (code !== "CALLBACK_FAILED") return undefined;
    const { callback } = context as { readonly callback?: unknown };
    return typeof callback === "number" ? this.#callbacks.takeFailure(callback) : undefined;
  }

  #timesOf(frame: Frame, body: readonly Value[]): WorkerTimes | undefined {
    if (body[1] === undefined || body[1] === null) return undefined;
    try {
      const { decode, run, encode } = readFigures(new Place("result", body[1], "$[1]"));
      return { decodeNs: decode, runNs: run, encodeNs: encode };
    } catch (error) {
      throw this.#refused(frame, error);
    }
  }

  #refused(frame: Frame, why: unknown): AmphisError {
    return frameRefused(this.#name, frame, why);
  }
}
