import { PRIORITIES } from "@amphis/protocol";

import { streamItem } from "../telemetry/index.ts";
import type { CallFigures, Work, WorkSink } from "../worker/index.ts";
import type { Abortable } from "./abort-watch.ts";
import type { Timed } from "./deadlines.ts";
import type { CallOptions } from "./options.ts";
import type { Pace } from "./pace.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { Session } from "./session.ts";
import type { Waiting, WaitingLine } from "./waiting-line.ts";

/**
 * Where a call is.
 *
 * `waiting` in a line; `sent` to a worker; `resting` before it is made again; `givenUp`: its caller has an error, or is about to get it, and
 * the worker has not answered yet; `left`: the worker is rid of it, and its caller is about to get the error; `over`.
 */
export type CallPhase = "waiting" | "sent" | "resting" | "givenUp" | "left" | "over";

/** What calls tell of themselves. */
export interface CallHost {
  /** The worker has answered, in whatever way; the call is about to be over. */
  answered(call: PoolCall, error: unknown, figures: CallFigures | undefined): void;
  /** A call of a session has its result. */
  gotValue(session: Session, value: unknown): void;
  gotItem(call: PoolCall): void;
  /** The worker has not begun with it, and gave it back. */
  returned(call: PoolCall): void;
  /** Its moment came: the deadline, the end of a rest, or the end of its grace. */
  due(call: PoolCall): void;
  aborted(call: PoolCall, reason: unknown): void;
  /** Its caller has what it gets, so its signal means nothing any more. */
  settled(call: PoolCall, signal: AbortSignal): void;
}

/** A sink that gives credit, and so wants to know when there is somebody to give it to. */
export interface StreamSink extends WorkSink {
  /** A worker has it; after the death of one it may be another. */
  began(call: PoolCall): void;
  /** No worker has it any more. */
  closed(): void;
}

/** One call of a caller, from its submission to its answer. It settles its sink exactly once. */
export class PoolCall implements WorkSink, Timed, Abortable, Waiting<PoolCall> {
  readonly order: number;
  readonly rank: number;
  /** Replaced only before it is sent. */
  work: Work;
  readonly options: CallOptions;
  readonly isIdempotent: boolean;
  readonly session: Session | undefined;
  /** Where it has to be done, if that was said. */
  readonly device: string | undefined;
  /** Whether its session counts it. */
  isEntered = false;
  /** Of the function that is called. */
  readonly pace: Pace;
  /** Moment of the deadline. */
  readonly deadline: number;
  readonly submittedAt: number;
  phase: CallPhase = "waiting";
  /** The only worker that can do it, where there is one. */
  home: PoolWorker | undefined;
  /** Who has it, or had it last. */
  worker: PoolWorker | undefined;
  callId = 0;
  sentAt = 0;
  attempts = 0;
  /** Items of a stream that came. */
  items = 0;
  /** Whether it takes a place at its worker; a stream without credit takes none. */
  takesPlace = false;
  /** Whether it was not known to be short when it took its place. */
  isLong = false;
  /** Whether its worker was asked to give it back. */
  isRecalled = false;
  /** What the attempt before ended with. */
  lastError: unknown;
  line: WaitingLine<PoolCall> | undefined;
  next: PoolCall | undefined;
  previous: PoolCall | undefined;
  dueAt = 0;
  place = -1;
  readonly #host: CallHost;
  readonly #sink: WorkSink | StreamSink;
  #isSettled = false;

  constructor(init: {
    readonly order: number;
    readonly now: number;
    readonly work: Work;
    readonly options: CallOptions;
    readonly sink: WorkSink | StreamSink;
    readonly pace: Pace;
    readonly host: CallHost;
  }) {
    const { work, options } = init;
    this.order = init.order;
    this.rank = options.priority === undefined ? 1 : PRIORITIES.indexOf(options.priority);
    this.work = work;
    this.options = options;
    this.isIdempotent = options.idempotent ?? work.idempotent === true;
    this.session = options.session;
    this.device = options.device ?? options.session?.device;
    this.pace = init.pace;
    this.submittedAt = init.now;
    this.deadline = options.timeoutMs === undefined ? Infinity : init.now + options.timeoutMs;
    this.#host = init.host;
    this.#sink = init.sink;
  }

  /** Whether its caller has what it gets. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Whether what its caller gets is certain, so that nothing which the worker says changes it. */
  get isDecided(): boolean {
    return this.#isSettled || this.phase === "givenUp" || this.phase === "left";
  }

  resolve(value: unknown, figures?: CallFigures): void {
    const { isDecided } = this;
    this.#host.answered(this, undefined, figures);
    if (isDecided) return;
    this.#settle();
    if (this.session !== undefined) this.#host.gotValue(this.session, value);
    this.#sink.resolve(value, figures);
  }

  reject(error: unknown, figures?: CallFigures): void {
    const { isDecided } = this;
    this.#host.answered(this, error, figures);
    if (!isDecided) this.fail(error);
  }

  /** A worker has it. */
  began(): void {
    if ("began" in this.#sink) this.#sink.began(this);
  }

  /** No worker has it any more. */
  closed(): void {
    if ("closed" in this.#sink) this.#sink.closed();
  }

  item(value: unknown): void {
    this.items += 1;
    if (streamItem.hasSubscribers) this.#host.gotItem(this);
    if (!this.isDecided) this.#sink.item?.(value);
  }

  end(figures?: CallFigures): void {
    const { isDecided } = this;
    this.#host.answered(this, undefined, figures);
    if (isDecided) return;
    this.#settle();
    this.#sink.end?.(figures);
  }

  returned(): void {
    this.#host.returned(this);
  }

  /** Gives the caller an error, if it has nothing yet. */
  fail(error: unknown): void {
    if (this.#isSettled) return;
    this.#settle();
    this.#sink.reject(error);
  }

  /** Called by its signal. */
  aborted(reason: unknown): void {
    this.#host.aborted(this, reason);
  }

  due(): void {
    this.#host.due(this);
  }

  #settle(): void {
    this.#isSettled = true;
    if (this.options.signal !== undefined) this.#host.settled(this, this.options.signal);
  }
}
