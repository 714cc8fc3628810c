import { AmphisError, isAmphisError, type Value } from "@amphis/protocol";

import { type CallEnd, CallPart } from "./call-part.ts";
import type { Counts } from "./counts.ts";
import type { Waiter } from "./deadline-lane.ts";
import { NOBODY } from "./nobody.ts";
import { StreamWriter } from "./stream-writer.ts";

/** What a call of this process starts with. */
export interface CallInit {
  readonly target: string;
  /** `Infinity`: it waits for ever. */
  readonly timeoutMs: number;
  /** What that comes to for the request, and until when. */
  readonly ttlMs: number | undefined;
  readonly deadline: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly input: Iterable<Value> | AsyncIterable<Value> | undefined;
  readonly counts: Counts;
  /** Hears when it is over. */
  readonly onOver: (call: OutgoingCall) => void;
}

/** What the answers of a call go to. */
export interface AnswerSink {
  /** @throws {AmphisError} for an answer that breaks the rules */
  answer(part: CallPart): void;
  fail(error: unknown): void;
}

/** A call that this process makes: its deadline, its cancellation, and the stream that it sends. */
export class OutgoingCall implements CallEnd, Waiter<OutgoingCall> {
  readonly waitMs: number | undefined;
  readonly deadline: number | undefined;
  before: OutgoingCall | undefined = undefined;
  behind: OutgoingCall | undefined = undefined;
  readonly #init: CallInit;
  readonly #sink: AnswerSink;
  #callee: CallEnd = NOBODY;
  #writer: StreamWriter | undefined;
  /** Credit for the input that came before the input was there: within a process a handler may read at once. */
  #earlyCredit = 0;
  /** Why it was given up. */
  #gaveUp: string | undefined;
  #isOver = false;
  readonly #onAbort: (() => void) | undefined;

  constructor(init: CallInit, sink: AnswerSink) {
    this.#init = init;
    this.#sink = sink;
    const { signal, ttlMs, deadline } = init;
    this.waitMs = ttlMs;
    this.deadline = deadline;
    if (signal !== undefined) {
      this.#onAbort = () => this.#abort(signal.reason);
      signal.addEventListener("abort", this.#onAbort);
    }
  }

  /** The call is on its way. */
  started(callee: CallEnd): void {
    this.#callee = callee;
    const { input } = this.#init;
    if (this.#isOver) {
      if (this.#gaveUp !== undefined) callee.take(CallPart.of("cancel", this.#gaveUp));
      return;
    }
    if (input === undefined) return;
    try {
      this.#writer = new StreamWriter(input, this.#earlyCredit, callee);
    } catch (error) {
      this.#abort(error);
      return;
    }
    this.#writer.run().catch((error: unknown) => this.#abort(error));
  }

  take(part: CallPart): void {
    if (this.#isOver) return;
    try {
      if (part.is("credit")) {
        if (this.#writer === undefined) this.#earlyCredit += part.content();
        else this.#writer.grant(part.content());
        return;
      }
      const { kind } = part;
      if (kind === "result" || kind === "error" || kind === "end") this.#over();
      if (part.is("error")) this.#fail(part.content());
      else this.#sink.answer(part);
    } catch (error) {
      // What cannot be read, or breaks the rules, ends the call on both sides.
      const wasOver = this.#isOver;
      this.#over();
      if (!wasOver) this.#callee.take(CallPart.of("cancel", "the answer breaks the protocol"));
      this.#sink.fail(error);
    }
  }

  /** Says something to the handling side. */
  say(part: CallPart): void {
    if (!this.#isOver) this.#callee.take(part);
  }

  /** Nobody wants the answer any more. */
  cancel(reason: string): void {
    if (this.#isOver) return;
    this.#init.counts.cancelled += 1;
    this.#end(reason);
  }

  /** Its time has passed. */
  expire(): void {
    const { target, timeoutMs, counts } = this.#init;
    counts.timeouts += 1;
    this.#end("its time has passed");
    const message = `Cannot get answer of ${target}: none came within ${timeoutMs} ms`;
    this.#sink.fail(new AmphisError("REQUEST_TIMEOUT", message, { target, timeoutMs }));
  }

  /** The bus is closed. */
  abandon(error: unknown): void {
    if (this.#isOver) return;
    this.#end("its caller is gone");
    this.#sink.fail(error);
  }

  #fail(error: unknown): void {
    const { target, counts } = this.#init;
    if (isAmphisError(error, "REQUEST_TIMEOUT") && error.context.target === target) {
      counts.timeouts += 1;
    }
    this.#sink.fail(error);
  }

  #abort(reason: unknown): void {
    if (this.#isOver) return;
    this.cancel(reason instanceof Error ? reason.message : "its caller gave up");
    this.#sink.fail(reason);
  }

  #end(reason: string): void {
    this.#gaveUp = reason;
    this.#over();
    this.#callee.take(CallPart.of("cancel", reason));
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#onAbort !== undefined) {
      this.#init.signal?.removeEventListener("abort", this.#onAbort);
    }
    this.#writer?.stop();
    this.#init.onOver(this);
  }
}
