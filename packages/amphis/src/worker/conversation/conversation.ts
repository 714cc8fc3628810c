/*
 * A conversation with one worker (spec/worker.md): everything that is said over its channel and its control line.
 *
 * Work goes in by `start` and is answered by a call of its sink, while the frame of the answer is handled. A conversation knows one worker
 * and nothing of others: who chooses the worker, limits time, and does something about its end is the pool.
 *
 * Ending. When the connection has closed, so that all that the worker said was handed over, whoever owns the conversation calls `end`, and
 * gets what was not answered. A worker that breaks the protocol has its connection closed with WORKER_FRAME_REFUSED; nothing else happens.
 */

import {
  type AmphisError,
  encodeErrorBody,
  encodeWholeFrame,
  type FrameShape,
  PROTOCOL_VERSION,
} from "@amphis/protocol";

import { Carrier, type Placement } from "../../memory/index.ts";
import { currentTrace, parseTraceparent, type TraceContext } from "../../telemetry/index.ts";
import { type Connection, handshake } from "../../transport/index.ts";
import {
  type Encoded,
  IncomingValues,
  OutgoingValues,
  Typed,
  type TypedValues,
} from "../values/index.ts";
import { placeError } from "./call-site.ts";
import { Callbacks } from "./callbacks.ts";
import { ControlLine } from "./control-line.ts";
import { encodeWork } from "./encode-work.ts";
import { Inlet } from "./inlet.ts";
import { OpenCall, unanswered } from "./open-call.ts";
import { OpenCalls } from "./open-calls.ts";
import { MAX_INLINE_PART, MOST_MEASURED_BYTES, Outlet } from "./outlet.ts";
import { Pump } from "./pump.ts";
import { conversationClosed, frameRefused, syncImpossible } from "./refusals.ts";
import { Releases } from "./releases.ts";
import { RemoteObject } from "./remote-object.ts";
import type { LogEntry, ReadyInfo, WorkerEvent } from "./reports.ts";
import { callTimeout, SyncSink } from "./sync-sink.ts";
import { CallTally } from "./tally.ts";
import type { Unanswered, Work, WorkSink } from "./work.ts";

export interface ConversationInit {
  /** The channel, on which nothing was said yet. It is the conversation's from then on. */
  readonly connection: Connection;
  readonly control: Connection;
  /** Chooses the path of large values; may be shared by all conversations. @default one of its own */
  readonly placement?: Placement | undefined;
  /** For messages. */
  readonly worker: number;
  readonly pool: string;
  /** Longest wait for the worker's hello. @default 60_000 */
  readonly helloTimeoutMs?: number | undefined;
  /** What stands for a live object in values that come; no plain object. @default the {@link RemoteObject} */
  readonly wrap?: ((remote: RemoteObject) => unknown) | undefined;
  /** The live object that something stands for; never throws. @default only a {@link RemoteObject} does */
  readonly unwrap?: ((thing: object) => RemoteObject | undefined) | undefined;
  /** Types whose values have a form of their own. @default none */
  readonly typed?: readonly TypedValues[] | undefined;
  /** Whether errors keep the exception as a live object in `context.handle`. @default false */
  readonly keepsExceptions?: boolean | undefined;
  readonly onLog?: ((entry: LogEntry) => void) | undefined;
  /** Hears of events that the conversation does not know itself. */
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
}

const HELLO_TIMEOUT_MS = 60_000;
const MAX_DEPTH = 1_000;
const MOST_CREDIT = 0x7fff_ffff;
const CREDIT: FrameShape = { kind: "credit", places: [], foreign: undefined };
const RELEASE: FrameShape = { kind: "release", places: [], foreign: undefined };

/** Everything that is said to and by one worker. */
export class Conversation {
  readonly worker: number;
  readonly pool: string;
  /** Resolves when hellos were exchanged and the worker has loaded what it was to load; rejects when it ends before. */
  readonly ready: Promise<ReadyInfo>;
  readonly #init: ConversationInit;
  readonly #connection: Connection;
  readonly #outlet: Outlet;
  readonly #control: ControlLine;
  readonly #outgoing: OutgoingValues;
  readonly #callbacks: Callbacks;
  readonly #inlet: Inlet;
  readonly #releases: Releases;
  readonly #pump: Pump;
  readonly #calls = new OpenCalls();
  #lastCallId = 0;
  #ended: AmphisError | undefined;
  #becameReady: (info: ReadyInfo) => void = ignore;
  #failedToStart: (error: unknown) => void = ignore;

  constructor(init: ConversationInit) {
    const { connection, control, placement, worker, pool } = init;
    this.worker = worker;
    this.pool = pool;
    this.#init = init;
    this.#connection = connection;
    this.#outlet = new Outlet(connection);
    this.#pump = new Pump(connection);
    const mostOfFrame = connection.limits.maxFrameBytes * MAX_INLINE_PART;
    const maxInlineBytes = Math.min(mostOfFrame, MOST_MEASURED_BYTES);
    const carrier = new Carrier({ link: connection.memory, placement, maxInlineBytes });
    this.#callbacks = new Callbacks(this.#callbackActs());
    const { typed: types = [] } = init;
    const typed = types.length === 0 ? undefined : new Typed(types);
    const outgoing = {
      remoteOf: (thing: object) => this.#remoteOf(thing),
      checkUse: (remote: RemoteObject) => remote.expectUsable(this),
      lend: (thing: object) => this.#callbacks.lend(thing),
      takeBack: (id: number) => this.#callbacks.release(id),
    };
    this.#outgoing = new OutgoingValues(carrier, outgoing, typed);
    const acts = {
      adoptRemote: (id: number, type: string) => this.#adoptRemote(id, type),
      lent: (id: number) => this.#callbacks.get(id),
      letGo: (id: number) => this.letGo(id),
    };
    const incoming = new IncomingValues(carrier, acts, typed);
    this.#inlet = new Inlet({
      name: { pool, worker },
      calls: this.#calls,
      incoming,
      callbacks: this.#callbacks,
      keepsExceptions: init.keepsExceptions === true,
      breakOff: (callId) => this.cancel(callId, "an item could not be taken", "REQUEST_CANCELLED"),
    });
    this.#releases = new Releases((ids) => this.#release(ids));
    const loaded = new Promise<ReadyInfo>((resolve, reject) => {
      this.#becameReady = resolve;
      this.#failedToStart = reject;
    });
    loaded.catch(ignore);
    this.#control = new ControlLine(control, {
      onReady: (info) => this.#becameReady(info),
      onLog: (entry) => this.#init.onLog?.(entry),
      onEvent: (event) => this.#init.onEvent?.(event),
      onRecalled: (callIds) => this.#recalled(callIds),
      onRefused: (frame, why) => void connection.close(frameRefused({ pool, worker }, frame, why)),
    });
    this.ready = this.#open().then(() => loaded);
    this.ready.catch(ignore);
  }

  /** Work that was sent and not answered. */
  get inFlight(): number {
    return this.#calls.size;
  }

  /** Functions and iterables that the worker has. */
  get lentCount(): number {
    return this.#callbacks.size;
  }

  /** Whether the worker waits for a callback whose promise is pending, so that it can do no work that blocks this thread. */
  get isAwaitingPromise(): boolean {
    return this.#callbacks.waiting > 0;
  }

  /** Whether the worker is gone, or is not to be used any more. */
  get isEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** What broke the connection, or the protocol; undefined while it stands, and for an end in good order. */
  get failure(): AmphisError | undefined {
    const { state } = this.#connection;
    return state.kind === "closed" && state.reason.kind === "failed"
      ? state.reason.error
      : undefined;
  }

  /** The work of a call that is not answered yet. */
  workOf(callId: number): Work | undefined {
    return this.#calls.get(callId)?.work;
  }

  /**
   * Sends work to the worker. When it throws, nothing was sent, nothing is lent, and the sink hears nothing.
   *
   * Arguments are taken as they are now, but for memory that both sides share. A stream sends nothing until it has `credit`.
   *
   * @returns its number, for `cancel` and `credit`
   * @throws {AmphisError} VALUE_UNSUPPORTED and VALUE_OUT_OF_RANGE with the path; DEPTH_EXCEEDED; HANDLE_ELSEWHERE, HANDLE_GONE;
   * LEASE_RELEASED, ARROW_UNSUPPORTED and what else a `Carrier` refuses; FRAME_TOO_LARGE; CONNECTION_CLOSED
   * @throws what getters of the arguments throw
   */
  start(work: Work, sink: WorkSink): number {
    if (this.#ended !== undefined) throw this.#closed(this.#ended.message);
    this.#lastCallId += 1;
    const callId = this.#lastCallId;
    const since = work.timed === true ? performance.now() : 0;
    const encoded = encodeWork(this.#outgoing, callId, work);
    if (this.#releases.areWaiting) this.#releases.flush();
    this.#outlet.send(work.kind, callId, encoded);
    if (work.traceparent !== undefined) this.#follow(encoded, parseTraceparent(work.traceparent));
    const call = new OpenCall(work, sink);
    if (work.timed === true) (call.tally = new CallTally()).sent(encoded, since);
    // With others before it, the time until the answer says nothing of the way that its values took.
    if (!(encoded instanceof Uint8Array) && this.#calls.size === 0) call.luggage = encoded.luggage;
    this.#calls.set(callId, call);
    return callId;
  }

  /**
   * Does work and blocks this thread until it is answered. Callbacks and other answers are handled meanwhile; no promise, timer or other event is.
   *
   * @throws {AmphisError} SYNC_IMPOSSIBLE where the transport cannot block, before the worker is ready, and while the worker waits for a
   * promise; CALL_TIMEOUT, after which the work is cancelled; CONNECTION_CLOSED when the worker ends; what `start` throws
   * @throws the error of the work
   */
  startSync(work: Work, timeoutMs: number): unknown {
    this.#checkBlocking(work);
    const sink = new SyncSink();
    const callId = this.start(work, sink);
    const outcome = this.#pump.block(sink, timeoutMs);
    if (outcome === "late") {
      this.#abandon(callId, "it was not done in time");
      throw callTimeout(work, timeoutMs);
    }
    if (outcome === "closed") {
      this.#abandon(callId, "the worker has ended");
      throw this.#closed("the worker has ended");
    }
    const { failure } = sink;
    if (failure !== undefined) throw placeError(failure.error, this.startSync);
    return sink.value;
  }

  /** Asks for work not to be begun, or to be broken off; it is answered all the same. Items of a stream are dropped from here on. */
  cancel(callId: number, reason: string, code: "REQUEST_CANCELLED" | "REQUEST_TIMEOUT"): void {
    const call = this.#calls.get(callId);
    if (call === undefined || this.#ended !== undefined) return;
    // A call may be answered all the same, and then with its whole value.
    if (call.isStream) call.isDropped = true;
    this.#control.cancel(callId, reason, code);
  }

  /** Asks for work back that the worker has not begun: its sink hears of that, or of an answer as before. */
  recall(callIds: readonly number[]): void {
    if (this.#ended !== undefined) return;
    for (const callId of callIds) {
      const call = this.#calls.get(callId);
      if (call !== undefined) call.isRecalled = true;
    }
    this.#control.recall(callIds);
  }

  /** Tells the worker that nobody hears of operations any more, until work says otherwise. */
  quiet(): void {
    if (this.#ended === undefined) this.#control.quiet();
  }

  /** Lets a stream send so many more items; nothing for one that has ended. @throws {RangeError} below 1 and beyond 2^31-1 */
  credit(callId: number, count: number): void {
    if (!(Number.isInteger(count) && count >= 1 && count <= MOST_CREDIT)) {
      throw new RangeError(`Cannot give credit: count must be from 1 to 2^31-1, got ${count}`);
    }
    const call = this.#calls.get(callId);
    if (call === undefined || !call.isStream) return;
    call.credit += count;
    this.#say("credit", callId, encodeWholeFrame(CREDIT, callId, [count]));
  }

  /** Lets a live object go, soon; the worker ignores what it does not have. */
  letGo(id: number): void {
    this.#releases.add(id);
  }

  /** The stacks of all threads of the worker, as text; while C code holds the interpreter it does not answer. */
  stacks(): Promise<string> {
    return this.#control.stacks();
  }

  /** Resolves when the worker has given a sign of life; while C code holds the interpreter it gives none. */
  ping(): Promise<void> {
    return this.#control.ping();
  }

  /**
   * Ends the conversation, and tells what was not answered, in the order in which it was sent. Whoever calls it answers the sinks.
   *
   * @returns nothing the second time
   */
  end(reason: AmphisError): readonly Unanswered[] {
    if (this.#ended !== undefined) return [];
    this.#ended = reason;
    const left = unanswered(this.#calls.entries(), this.#outlet.isOpen);
    this.#calls.clear();
    this.#releases.end();
    this.#outlet.close();
    this.#control.end(reason);
    this.#failedToStart(reason);
    void this.#connection.close(reason);
    this.#callbacks.end();
    return left;
  }

  /** Takes all that the worker has sent by now. @returns false where that cannot be known */
  takeSent(): boolean {
    return this.#pump.takeSent();
  }

  /** Asks the worker to end after what it holds, and waits for it. */
  async close(): Promise<void> {
    if (this.#connection.state.kind !== "closed") this.#control.stop();
    await this.#connection.closed;
  }

  /** Exchanges hellos. */
  async #open(): Promise<void> {
    const { connection, helloTimeoutMs = HELLO_TIMEOUT_MS } = this.#init;
    void connection.closed.then(({ kind }) => {
      this.#failedToStart(this.#closed(`the connection was closed: ${kind}`));
    });
    const agreed = await handshake(connection, helloOf(connection), "initiator", {
      timeoutMs: helloTimeoutMs,
    });
    agreed.connection.receive((frame) => this.#inlet.take(frame));
    this.#outlet.open((callId, error) => this.#unsent(callId, error));
  }

  /** Says what nobody waits for. A connection that has closed tells so itself. */
  #say(kind: "credit" | "release", callId: number, frame: Uint8Array): void {
    try {
      this.#outlet.send(kind, callId, frame);
    } catch (error) {
      if (this.#connection.state.kind === "open") throw error;
    }
  }

  #release(ids: readonly number[]): void {
    this.#say("release", 0, encodeWholeFrame(RELEASE, 0, [ids]));
  }

  /** What the worker was given is called within a trace. */
  #follow(encoded: Encoded, trace: TraceContext | undefined): void {
    if (!(encoded instanceof Uint8Array)) this.#callbacks.follow(encoded.luggage.lent, trace);
  }

  /** Judges what the worker gives back. @returns what is then told of it @throws {TypeError} for a call that it may not give back */
  #recalled(callIds: readonly number[]): () => void {
    // What was said before its end comes behind it.
    const ids = this.#ended === undefined ? callIds : [];
    const calls = ids.map((callId) => {
      const call = this.#calls.get(callId);
      if (call?.isRecalled === true) return call;
      throw new TypeError(`call ${callId} was not to be given back`);
    });
    return () => {
      for (const callId of ids) this.#calls.delete(callId);
      for (const { sink } of calls) sink.returned?.();
    };
  }

  /** A frame that waited for the hellos cannot be sent. */
  #unsent(callId: number, error: unknown): void {
    const call = this.#calls.get(callId);
    this.#calls.delete(callId);
    call?.sink.reject(error);
  }

  #adoptRemote(id: number, type: string): unknown {
    const remote = new RemoteObject(this, id, type);
    const { wrap } = this.#init;
    return wrap === undefined ? remote : wrap(remote);
  }

  #remoteOf(thing: object): RemoteObject | undefined {
    return this.#init.unwrap?.(thing) ?? (thing instanceof RemoteObject ? thing : undefined);
  }

  #callbackActs(): ConstructorParameters<typeof Callbacks>[0] {
    return {
      conversation: this,
      isBlocking: () => this.#pump.isBlocking,
      isRemote: (thing) => this.#remoteOf(thing) !== undefined,
      answer: (callId, value) => {
        const encoded = this.#outgoing.encode("result", callId, [value]);
        this.#outlet.send("result", callId, encoded);
        this.#follow(encoded, currentTrace());
      },
      refuse: (callId, error) => {
        const body = encodeErrorBody(error);
        this.#connection.send({ kind: "error", callId, body }).catch(ignore);
      },
    };
  }

  /** @throws {AmphisError} SYNC_IMPOSSIBLE */
  #checkBlocking(work: Work): void {
    if (work.stream === true) throw syncImpossible("a stream is answered item by item");
    if (!this.#outlet.isOpen) throw syncImpossible("the worker is not ready yet");
    if (this.isAwaitingPromise && work.nested !== true) {
      throw syncImpossible("the worker waits for a promise, which cannot settle meanwhile");
    }
    if (!this.#pump.canBlock()) {
      throw syncImpossible("it needs shared memory with the worker, and thus the native core");
    }
  }

  #abandon(callId: number, reason: string): void {
    this.cancel(callId, reason, "REQUEST_TIMEOUT");
    // Another call may block this thread before its turn is over, and would wait behind this one.
    this.#control.flush();
    this.#calls.get(callId)?.abandon();
  }

  #closed(reason: string): AmphisError {
    return conversationClosed(this.#connection.peer.address, reason);
  }
}

function helloOf({ limits }: Connection): Parameters<typeof handshake>[1] {
  return {
    product: `amphis (node ${process.versions.node})`,
    versions: [PROTOCOL_VERSION, PROTOCOL_VERSION],
    codecs: ["msgpack"],
    limits: { maxFrameBytes: limits.maxFrameBytes, maxDepth: MAX_DEPTH },
    capabilities: [],
  };
}

function ignore(): void {
  // Nobody waits for it.
}
