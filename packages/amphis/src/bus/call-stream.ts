import { AmphisError, type Value } from "@amphis/protocol";

import { CallPart } from "./call-part.ts";
import type { AnswerSink, OutgoingCall } from "./outgoing-call.ts";
import { StreamReader } from "./stream-reader.ts";

/** The answer to a request that wants one value. */
export class SingleAnswer implements AnswerSink {
  readonly #resolve: (value: Value) => void;
  readonly #reject: (error: unknown) => void;
  readonly #target: string;

  constructor(target: string, resolve: (value: Value) => void, reject: (error: unknown) => void) {
    this.#target = target;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  answer(part: CallPart): void {
    if (part.is("result")) {
      this.#resolve(part.content());
      return;
    }
    const target = this.#target;
    const message = `Cannot take answer of ${target}: it is a stream, ask for it with bus.stream`;
    throw new AmphisError("STREAM_UNEXPECTED", message, { target });
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}

/** The answer to a request that wants a stream. The request goes out with the first `next`. */
export class CallStream implements AnswerSink, AsyncIterableIterator<Value> {
  readonly #reader: StreamReader;
  readonly #start: (stream: CallStream) => OutgoingCall;
  #call: OutgoingCall | undefined;
  #isDone = false;

  constructor(credit: number, start: (stream: CallStream) => OutgoingCall) {
    this.#start = start;
    this.#reader = new StreamReader(credit, credit, {
      give: (count) => this.#call?.say(CallPart.of("credit", count)),
      stop: () => this.#call?.cancel("its caller stopped reading"),
    });
  }

  answer(part: CallPart): void {
    if (part.is("item")) {
      const { sequence, value } = part.content();
      this.#reader.item(sequence, value);
    } else if (part.is("end")) this.#reader.end(part.content());
    else if (part.is("result")) {
      this.#reader.item(0, part.content());
      this.#reader.end(1);
    }
  }

  fail(error: unknown): void {
    this.#reader.fail(error);
  }

  async next(): Promise<IteratorResult<Value>> {
    if (this.#isDone) return { value: undefined, done: true };
    this.#call ??= this.#start(this);
    return this.#reader.next();
  }

  async return(): Promise<IteratorResult<Value>> {
    this.#isDone = true;
    return this.#reader.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
