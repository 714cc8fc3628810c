import {
  AmphisError,
  type CallbackBody,
  type Frame,
  isAmphisError,
  readCallback,
  type Value,
} from "@amphis/protocol";

import { currentTrace, type TraceContext, withTrace } from "../../telemetry/index.ts";
import { runCallback } from "./calling.ts";
import type { Conversation } from "./conversation.ts";

/** So many errors are remembered, in case that they come back. */
const MAX_FAILURES = 256;

/** What callbacks need of their conversation. */
export interface CallbackActs {
  readonly conversation: Conversation;
  /** Whether this thread is blocked by a call, so that no promise ever settles. */
  isBlocking(): boolean;
  /** @throws {AmphisError} for what cannot be sent */
  answer(callbackId: number, value: unknown): void;
  refuse(callbackId: number, error: unknown): void;
  /** Whether something stands for a live object, which is no promise whatever it looks like. */
  isRemote(thing: object): boolean;
}

type Callable = (...args: readonly unknown[]) => unknown;
type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

/** Functions and iterables that a worker was given, and the errors that came of them. */
export class Callbacks {
  readonly #acts: CallbackActs;
  readonly #lent = new Map<number, object>();
  /** Traces of the calls that they were given with, where there is one. */
  readonly #traces = new Map<number, TraceContext>();
  /** Of the iterables that were begun. */
  readonly #iterators = new Map<number, AnyIterator>();
  readonly #failures = new Map<number, unknown>();
  #lastId = 0;
  #waiting = 0;

  constructor(acts: CallbackActs) {
    this.#acts = acts;
  }

  get size(): number {
    return this.#lent.size;
  }

  /** Callbacks whose promises are pending. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Each time something is lent it gets a number of its own, so that one release cannot take what another still needs. */
  lend(thing: object): number {
    this.#lastId += 1;
    this.#lent.set(this.#lastId, thing);
    return this.#lastId;
  }

  get(id: number): object | undefined {
    return this.#lent.get(id);
  }

  /** What is lent is called within the trace of the call that it came with. */
  follow(ids: readonly number[], trace: TraceContext | undefined): void {
    if (trace !== undefined) for (const id of ids) this.#traces.set(id, trace);
  }

  /** The worker lets go. An iterable that was begun and not finished is told, as by `break` in a loop. */
  release(id: number): void {
    this.#lent.delete(id);
    this.#traces.delete(id);
    const iterator = this.#iterators.get(id);
    this.#iterators.delete(id);
    if (iterator !== undefined) endIterator(iterator);
  }

  /** The worker is gone. */
  end(): void {
    for (const iterator of this.#iterators.values()) endIterator(iterator);
    this.#iterators.clear();
    this.#lent.clear();
    this.#traces.clear();
    this.#failures.clear();
  }

  /** The very error that a callback has thrown, once. */
  takeFailure(callbackId: number): { readonly error: unknown } | undefined {
    if (!this.#failures.has(callbackId)) return undefined;
    const error = this.#failures.get(callbackId);
    this.#failures.delete(callbackId);
    return { error };
  }

  /** Does what a callback asks for. @throws {AmphisError} BODY_INVALID for what the worker may not ask */
  serve({ callId }: Frame, body: Value): void {
    const callback = readCallback(body);
    const thing = this.#lent.get(callback.function);
    if (thing === undefined || (callback.method === "call") !== (typeof thing === "function")) {
      throw unknownCallback(callback);
    }
    const run = (): void =>
      runCallback({ conversation: this.#acts.conversation, callback: callId }, (end) =>
        this.#run(callId, end, thing, callback),
      );
    const trace = this.#traces.get(callback.function);
    // What brought the frame in may run in a trace that has nothing to do with it.
    if (trace === currentTrace()) run();
    else withTrace(trace, run);
  }

  #run(callId: number, end: () => void, thing: object, callback: CallbackBody): void {
    let outcome: unknown;
    try {
      outcome =
        callback.method === "call"
          ? (thing as Callable)(...argumentsOf(callback))
          : this.#iterate(callback, thing);
      if (this.#isPromise(outcome)) return this.#wait(callId, end, outcome);
    } catch (error) {
      this.fail(callId, error);
      return end();
    }
    this.#answer(callId, outcome);
    return end();
  }

  #isPromise(outcome: unknown): outcome is PromiseLike<unknown> {
    return (
      ((typeof outcome === "object" && outcome !== null) || typeof outcome === "function") &&
      !this.#acts.isRemote(outcome) &&
      typeof (outcome as Partial<PromiseLike<unknown>>).then === "function"
    );
  }

  #wait(callId: number, end: () => void, outcome: PromiseLike<unknown>): void {
    if (this.#acts.isBlocking()) {
      outcome.then(ignore, ignore);
      throw blocked();
    }
    this.#waiting += 1;
    const settle = (act: () => void): void => {
      this.#waiting -= 1;
      act();
      end();
    };
    outcome.then(
      (value) => settle(() => this.#answer(callId, value)),
      (error: unknown) => settle(() => this.fail(callId, error)),
    );
  }

  #iterate({ function: id, method }: CallbackBody, thing: object): unknown {
    const known = this.#iterators.get(id);
    if (method === "return") {
      this.#iterators.delete(id);
      const ended = known?.return?.();
      return isThenable(ended) ? ended.then(noValue) : null;
    }
    const iterator = known ?? iteratorOf(thing);
    this.#iterators.set(id, iterator);
    const step: unknown = iterator.next();
    return isThenable(step) ? step.then(stepOf) : stepOf(step);
  }

  #answer(callId: number, value: unknown): void {
    try {
      this.#acts.answer(callId, value);
    } catch (error) {
      this.fail(callId, error);
    }
  }

  /** Answers a callback by an error, which is remembered. */
  fail(callId: number, error: unknown): void {
    this.#failures.set(callId, error);
    if (this.#failures.size > MAX_FAILURES) {
      const [oldest] = this.#failures.keys();
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
    this.#acts.refuse(callId, withStack(error));
  }
}

/** Keyword arguments come behind the others, as one object. */
function argumentsOf({ args, kwargs }: CallbackBody): readonly unknown[] {
  return Object.keys(kwargs).length === 0 ? args : [...args, kwargs];
}

function iteratorOf(thing: object): AnyIterator {
  const iterable = thing as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
  const iterator = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]?.();
  if (iterator !== undefined) return iterator;
  throw new TypeError("Cannot iterate: the object has lost its iterator");
}

/**
 * A step as the worker gets it. What a plain iterator gives may be a promise, as in `for await`.
 *
 * @throws {TypeError} for what is no step, as `for await` does
 */
function stepOf(step: unknown): unknown {
  if ((typeof step !== "object" && typeof step !== "function") || step === null) {
    const got = step === null ? "null" : `a ${typeof step}`;
    throw new TypeError(`Cannot iterate: next() must give { done, value }, got ${got}`);
  }
  const { done, value } = step as Partial<IteratorResult<unknown>>;
  if (done) return { done: true };
  return isThenable(value)
    ? value.then((settled: unknown) => ({ done: false, value: settled ?? null }))
    : { done: false, value: value ?? null };
}

function endIterator(iterator: AnyIterator): void {
  try {
    const ended = iterator.return?.();
    if (isThenable(ended)) ended.then(ignore, ignore);
  } catch {
    // Nobody is left who could be told.
  }
}

function isThenable<T>(thing: T | PromiseLike<T>): thing is PromiseLike<T> {
  return (
    typeof thing === "object" &&
    thing !== null &&
    typeof (thing as Partial<PromiseLike<T>>).then === "function"
  );
}

/** Errors of Amphis travel as they are; Python gets to see where they were thrown too. */
function withStack(error: unknown): unknown {
  if (!isAmphisError(error) || error.origin !== undefined) return error;
  const { number, category, retryable, code, message, context, cause, correlationId } = error;
  const traceback = error.stack ?? message;
  const origin = { language: "javascript", type: error.name, traceback };
  return new AmphisError(code, message, context, {
    cause,
    correlationId,
    remote: { number, category, retryable, origin },
  });
}

function unknownCallback({ function: id, method }: CallbackBody): AmphisError<"BODY_INVALID"> {
  const expected = "a function or an iterable that was sent, and a method of it";
  const message = `Cannot do callback: ${method} of ${id} must be ${expected}`;
  return new AmphisError("BODY_INVALID", message, { body: "callback", path: "$[0]", expected });
}

function blocked(): AmphisError<"SYNC_IMPOSSIBLE"> {
  const reason =
    "the function returned a promise, which cannot settle while a blocking call waits; let it return the value itself, or make the call without blocking, as `await py.call(...)`";
  return new AmphisError("SYNC_IMPOSSIBLE", `Cannot answer callback: ${reason}`, { reason });
}

function noValue(): null {
  return null;
}

function ignore(): void {
  // Nobody waits for it.
}
