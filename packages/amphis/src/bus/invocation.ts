import { AmphisError, type Message, type MessageContent, type Value } from "@amphis/protocol";

import type { Answer, Request } from "./bus.ts";
import { type CallEnd, CallPart } from "./call-part.ts";
import type { CallWants } from "./exchange.ts";
import type { Parcel } from "./parcel.ts";
import { NO_INPUT, StreamReader } from "./stream-reader.ts";
import { isStream, StreamWriter } from "./stream-writer.ts";

const INPUT_WINDOW = 64;

/** What an invocation needs of its endpoint. */
export interface InvocationHost {
  readonly name: string;
  /** Decodes and checks the payload, and calls the handler. */
  handle(content: MessageContent, request: Request): Answer | Promise<Answer>;
  /** @throws {AmphisError} for an answer that breaks the contract */
  checkAnswer(answer: Value): void;
  /** The handler is done with it. */
  done(invocation: Invocation, outcome: "answered" | "failed" | "dropped"): void;
}

type State = "waiting" | "running" | "over";

/** One request at its endpoint: from its arrival to its answer. */
export class Invocation implements CallEnd, Request {
  readonly endpoint: string;
  readonly parcel: Parcel;
  readonly #host: InvocationHost;
  readonly #wants: CallWants;
  /** Undefined when nobody wants an answer. */
  readonly #caller: CallEnd | undefined;
  #state: State = "waiting";
  /** Made when the handler asks for it: most never do, and it costs as much as the rest of a request. */
  #abort: AbortController | undefined;
  #deadlineTimer: NodeJS.Timeout | undefined;
  /** Why nobody waits any more. */
  #reason: AmphisError | undefined;
  #input: StreamReader | undefined;
  #writer: StreamWriter | undefined;

  constructor(host: InvocationHost, parcel: Parcel, wants: CallWants, caller: CallEnd | undefined) {
    this.endpoint = host.name;
    this.#host = host;
    this.parcel = parcel;
    this.#wants = wants;
    this.#caller = caller;
    if (wants.input) this.#input = this.#openInput();
  }

  get message(): Message {
    return this.parcel.message();
  }

  get remainingMs(): number | undefined {
    const { deadline } = this.parcel;
    return deadline === undefined ? undefined : Math.max(0, deadline - performance.now());
  }

  get input(): AsyncIterable<Value> {
    return this.#input ?? NO_INPUT;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#reason !== undefined) this.#abort.abort(this.#reason);
      else this.#watchDeadline();
    }
    return this.#abort.signal;
  }

  /** Whether nobody waits for it any more. */
  get isOver(): boolean {
    return this.#state === "over";
  }

  /** Calls the handler. Never throws. */
  run(): void {
    this.#state = "running";
    try {
      const answer = this.#host.handle(this.parcel.content(), this);
      if (isPromise(answer)) {
        answer.then(
          (settled) => this.#settle(settled),
          (error: unknown) => this.#fail(error),
        );
      } else this.#settle(answer);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The caller says something. */
  take(part: CallPart): void {
    try {
      if (part.is("cancel")) this.cancel(part.content());
      else if (part.is("credit")) this.#writer?.grant(part.content());
      else if (part.is("item")) {
        const { sequence, value } = part.content();
        this.#input?.item(sequence, value);
      } else if (part.is("end")) this.#input?.end(part.content());
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Nobody waits for the answer any more. */
  cancel(reason: string): void {
    const target = this.endpoint;
    this.#abandon(
      new AmphisError("REQUEST_CANCELLED", `Cannot answer request to ${target}: ${reason}`, {
        target,
        reason,
      }),
    );
  }

  /** Its time had passed before its turn came. */
  expire(): void {
    this.#finish(CallPart.of("error", this.parcel.timeout()), "dropped");
  }

  /** Answers with an error, whatever the handler does. */
  refuse(error: AmphisError): void {
    this.#refuse(error);
  }

  #openInput(): StreamReader {
    return new StreamReader(INPUT_WINDOW, 0, {
      give: (count) => {
        if (!this.isOver) this.#caller?.take(CallPart.of("credit", count));
      },
      stop: () => undefined,
    });
  }

  #watchDeadline(): void {
    const { remainingMs } = this;
    if (remainingMs === undefined || this.isOver) return;
    this.#deadlineTimer = setTimeout(
      () => {
        this.#abandon(this.parcel.timeout());
      },
      Math.min(remainingMs, 0x7fff_ffff),
    );
    this.#deadlineTimer.unref();
  }

  #settle(answer: Answer): void {
    try {
      if (isStream(answer)) {
        const { credit } = this.#wants;
        void this.#stream(new StreamWriter(answer, credit, { take: (part) => this.#say(part) }));
        return;
      }
      this.#host.checkAnswer(answer as Value);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#finish(CallPart.of("result", answer as Value), "answered");
  }

  async #stream(writer: StreamWriter): Promise<void> {
    const caller = this.#caller;
    if (this.isOver || caller === undefined || this.#wants.credit === 0) {
      writer.stop();
      const { target } = this.parcel;
      const message = `Cannot answer request to ${target}: the answer is a stream, ask for it with bus.stream`;
      this.#fail(new AmphisError("STREAM_UNEXPECTED", message, { target }));
      return;
    }
    this.#writer = writer;
    try {
      await writer.run();
      this.#close("answered");
    } catch (error) {
      this.#fail(error);
    }
  }

  #say(part: CallPart): void {
    if (part.is("item")) {
      // What cannot be an item ends the stream with the reason, not with silence.
      this.#host.checkAnswer(part.content().value);
    }
    if (!this.isOver) this.#caller?.take(part);
  }

  #fail(error: unknown): void {
    this.#finish(CallPart.of("error", error), "failed");
  }

  #finish(part: CallPart, outcome: "answered" | "failed" | "dropped"): void {
    if (!this.isOver) this.#caller?.take(part);
    this.#close(outcome);
  }

  /** The caller broke the rules of the call, or the endpoint closes. */
  #refuse(error: unknown): void {
    if (!this.isOver) this.#caller?.take(CallPart.of("error", error));
    this.#abandon(
      error instanceof AmphisError
        ? error
        : new AmphisError("REMOTE_FAILURE", String(error), {}, { cause: error }),
    );
  }

  #abandon(reason: AmphisError): void {
    if (this.isOver) return;
    const wasWaiting = this.#state === "waiting";
    this.#state = "over";
    this.#reason = reason;
    clearTimeout(this.#deadlineTimer);
    this.#input?.fail(reason);
    this.#writer?.stop();
    this.#abort?.abort(reason);
    if (wasWaiting) this.#host.done(this, "dropped");
  }

  /** The handler has finished. */
  #close(outcome: "answered" | "failed" | "dropped"): void {
    this.#state = "over";
    clearTimeout(this.#deadlineTimer);
    this.#host.done(this, outcome);
  }
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value;
}
