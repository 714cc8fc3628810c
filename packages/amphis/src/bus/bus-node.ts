import { AmphisError, Message, MessageDraft, type MessageType, type Value } from "@amphis/protocol";

import type {
  Bus,
  BusHealth,
  BusState,
  BusStats,
  Endpoint,
  EndpointChange,
  EndpointInfo,
  EndpointOptions,
  EndpointQuery,
  EventHandler,
  Registration,
  RequestHandler,
  RequestOptions,
  RouteInit,
  SendOptions,
  StreamOptions,
  SubscribeOptions,
  Subscription,
} from "./bus.ts";
import { expectFunction, expectIterable, expectPositive, ttlOf } from "./arguments.ts";
import { CallStream, SingleAnswer } from "./call-stream.ts";
import { checkPayload, payloadChecks } from "./contracts.ts";
import { targetOf } from "./controls.ts";
import type { Counts } from "./counts.ts";
import { Deliveries } from "./deliveries.ts";
import { EndpointHandle } from "./endpoint-handle.ts";
import { type CallWants, type Exchange, ONE_VALUE } from "./exchange.ts";
import { checkGlob } from "./glob.ts";
import { LocalEndpoint } from "./local-endpoint.ts";
import { checkName } from "./name.ts";
import { reportUncaught, withoutThrowing } from "./observers.ts";
import { OpenCalls } from "./open-calls.ts";
import { type AnswerSink, OutgoingCall } from "./outgoing-call.ts";
import { type MessageCodecs, Parcel } from "./parcel.ts";
import type { BusSettings } from "./settings.ts";
import {
  type SubscriptionBus,
  SubscriptionHandle,
  subscriptionInit,
} from "./subscription-handle.ts";
import { checkTopic } from "./topic.ts";
import { watchEndpoints } from "./watch.ts";

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_CREDIT = 64;
const MAX_CREDIT = 0x7fff_ffff;
const NO_OPTIONS = {};
const ACCEPTED: Promise<void> = Promise.resolve();

/** What a bus is made of. */
export interface BusParts {
  readonly settings: BusSettings;
  readonly exchange: Exchange;
  readonly codecs: MessageCodecs;
  readonly counts: Counts;
  readonly addresses: readonly string[];
}

/** A bus as a program uses it, wherever its hub is. */
export class BusNode implements Bus {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly closed: Promise<Error | undefined>;
  readonly #settings: BusSettings;
  readonly #exchange: Exchange;
  readonly #codecs: MessageCodecs;
  readonly #counts: Counts;
  readonly #subscribing: SubscriptionBus;
  readonly #calls = new OpenCalls();
  readonly #endpoints = new Set<EndpointHandle>();
  readonly #subscriptions = new Set<SubscriptionHandle>();
  /** What is done whenever the hub is back. */
  readonly #onReopened = new Set<() => void>();
  #state: BusState = { kind: "open" };
  /** Set while nothing may be sent any more. */
  #refusal: AmphisError | undefined;
  #drained: Promise<void> | undefined;
  #ended: Promise<void> | undefined;
  #resolveClosed: (error: Error | undefined) => void = () => undefined;

  constructor({ settings, exchange, codecs, counts, addresses }: BusParts) {
    this.name = settings.name;
    this.addresses = addresses;
    this.#settings = settings;
    this.#exchange = exchange;
    this.#codecs = codecs;
    this.#counts = counts;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#subscribing = {
      deliveries: new Deliveries(),
      exchange,
      counts,
      check: (message) => checkPayload(settings.schemas, message),
      failed: (error, message) => this.#handlerFailed(error, message),
      refused: (error, message) => this.#messageRefused(error, message),
      over: (handle) => void this.#subscriptions.delete(handle),
    };
  }

  get state(): BusState {
    return this.#state;
  }

  get stats(): BusStats {
    return {
      ...this.#counts,
      pendingCalls: this.#calls.size,
      endpoints: this.#endpoints.size,
      subscriptions: this.#subscriptions.size,
      peers: this.#exchange.peers,
    };
  }

  async register(
    name: string,
    handler: RequestHandler,
    options: EndpointOptions = {},
  ): Promise<Endpoint> {
    this.#checkOpen("register endpoint");
    const {
      capabilities = [],
      callers,
      shared = false,
      metadata = {},
      concurrency = 1_024,
      maxQueued = 65_536,
      accepts,
      answers,
    } = options;
    checkName("endpoint", name);
    for (const capability of capabilities) checkName("capability", capability);
    for (const caller of callers ?? []) checkGlob(caller);
    expectFunction("handler", handler);
    expectPositive("concurrency", concurrency);
    expectPositive("maxQueued", maxQueued);
    const checks = payloadChecks(this.#settings.schemas, accepts, answers);
    const local = new LocalEndpoint(name, handler, { concurrency, maxQueued }, checks);
    const registration = await this.#exchange.register(
      { name, capabilities, callers, shared, metadata },
      local,
    );
    const handle = new EndpointHandle(local, this.#exchange, registration, (over) =>
      this.#endpoints.delete(over),
    );
    if (!this.#isOpen) await this.#takeBack("register endpoint", handle);
    this.#endpoints.add(handle);
    return handle;
  }

  request(target: string, payload?: Value, options: RequestOptions = NO_OPTIONS): Promise<Value> {
    return new Promise((resolve, reject) => {
      const { timeoutMs = DEFAULT_TIMEOUT_MS, input } = options;
      const wants: CallWants = input === undefined ? ONE_VALUE : { credit: 0, input: true };
      const parcel = this.#requestOf(target, payload, options, timeoutMs);
      this.#call(parcel, timeoutMs, options, wants, new SingleAnswer(target, resolve, reject));
    });
  }

  stream(
    target: string,
    payload?: Value,
    options: StreamOptions = NO_OPTIONS,
  ): AsyncIterableIterator<Value> {
    const { timeoutMs = Infinity, input, credit = DEFAULT_CREDIT } = options;
    expectPositive("credit", credit);
    if (credit > MAX_CREDIT) {
      throw new RangeError(`Cannot use credit: it must be at most ${MAX_CREDIT}`);
    }
    const wants: CallWants = { credit, input: input !== undefined };
    return new CallStream(credit, (stream) => {
      const parcel = this.#requestOf(target, payload, options, timeoutMs);
      return this.#call(parcel, timeoutMs, options, wants, stream);
    });
  }

  async send(target: string, payload?: Value, options: SendOptions = NO_OPTIONS): Promise<void> {
    const parcel = this.#parcelOf("request", target, payload, options, options.ttlMs);
    await this.#exchange.send(parcel, options.whileDown ?? "fail");
  }

  publish(topic: string, payload?: Value, options: SendOptions = NO_OPTIONS): Promise<void> {
    try {
      checkTopic(topic);
      if (topic.startsWith("$")) throw this.#ofHub(topic);
      const parcel = this.#parcelOf("event", topic, payload, options, options.ttlMs);
      return this.#exchange.publish(parcel, options.whileDown ?? "fail") ?? ACCEPTED;
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  async subscribe(
    pattern: string,
    handler: EventHandler,
    options: SubscribeOptions = {},
  ): Promise<Subscription> {
    this.#checkOpen("subscribe");
    expectFunction("handler", handler);
    const init = subscriptionInit(pattern, options);
    const handle = await SubscriptionHandle.open(this.#subscribing, init, handler);
    if (!this.#isOpen) await this.#takeBack("subscribe", handle);
    if (!handle.isOver) this.#subscriptions.add(handle);
    return handle;
  }

  async route({ pattern, to, priority = 0 }: RouteInit): Promise<Registration> {
    this.#checkOpen("set route");
    checkGlob(pattern);
    if (!Number.isSafeInteger(priority)) {
      throw new RangeError(`Cannot set route: priority must be an integer, got ${priority}`);
    }
    const made = await this.#exchange.route({ pattern, to: targetOf(to), priority });
    if (!this.#isOpen) await this.#takeBack("set route", made);
    return made;
  }

  async find(query: EndpointQuery = {}): Promise<readonly EndpointInfo[]> {
    this.#checkOpen("find endpoints");
    if (query.name !== undefined) checkGlob(query.name);
    return this.#exchange.find(query);
  }

  watch(
    listener: (change: EndpointChange) => void,
    query: EndpointQuery = {},
  ): Promise<Subscription> {
    return watchEndpoints(this, listener, query, (act) => {
      this.#onReopened.add(act);
      return () => void this.#onReopened.delete(act);
    });
  }

  async health(): Promise<BusHealth> {
    this.#checkOpen("ask for health");
    return this.#exchange.health();
  }

  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  close(): Promise<void> {
    return this.#end(undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  /** The link to the hub changed. */
  enter(state: BusState): void {
    if (this.#state.kind === "draining" || this.#state.kind === "closed") return;
    this.#state = state;
    this.#tellState();
    if (state.kind === "open") for (const act of this.#onReopened) act();
  }

  /** The link to the hub is over for good. */
  lost(error: Error): void {
    void this.#end(error);
  }

  #requestOf(target: string, payload: Value, options: RequestOptions, timeoutMs: number): Parcel {
    const { signal, input } = options;
    signal?.throwIfAborted();
    if (input !== undefined) expectIterable("input", input);
    return this.#parcelOf("request", target, payload, options, ttlOf(timeoutMs));
  }

  #call(
    parcel: Parcel,
    timeoutMs: number,
    { signal, input, whileDown = "fail" }: RequestOptions,
    wants: CallWants,
    answer: AnswerSink,
  ): OutgoingCall {
    const { target, ttlMs, deadline } = parcel;
    const counts = this.#counts;
    const { onOver } = this.#calls;
    const call = new OutgoingCall(
      { target, timeoutMs, ttlMs, deadline, signal, input, counts, onOver },
      answer,
    );
    this.#calls.add(call);
    call.started(this.#exchange.request(parcel, wants, call, whileDown));
    return call;
  }

  #parcelOf(
    type: MessageType,
    target: string,
    payload: Value,
    options: Omit<SendOptions, "ttlMs">,
    ttlMs: number | undefined,
  ): Parcel {
    if (this.#refusal !== undefined) throw this.#refusal;
    const { priority, metadata, schema, version } = options;
    const init = {
      type,
      target,
      payload,
      source: this.name,
      priority,
      ttlMs,
      metadata,
      schema,
      version,
    };
    // Who handles an event is given all of it; who handles a request has to ask.
    const made = type === "event" ? new Message(init) : new MessageDraft(init);
    if (schema !== undefined) checkPayload(this.#settings.schemas, made);
    return made instanceof Message
      ? Parcel.of(made, this.#codecs, this.#settings.codec)
      : Parcel.draft(made, this.#codecs, this.#settings.codec);
  }

  #ofHub(subject: string): AmphisError {
    const member = this.name;
    const message = `Cannot publish to ${subject}: the hub alone makes topics that begin with $`;
    return new AmphisError("ACCESS_DENIED", message, { member, act: "publish", subject });
  }

  #handlerFailed(error: unknown, message: Message): void {
    const { onError } = this.#settings;
    if (onError === undefined) reportUncaught(error);
    else withoutThrowing(() => onError(error, message));
  }

  /** A message that cannot be handled is its sender's doing, and must not end this process. */
  #messageRefused(error: unknown, message: Message | undefined): void {
    this.#counts.refused += 1;
    const { onError } = this.#settings;
    if (onError !== undefined && message !== undefined) {
      withoutThrowing(() => onError(error, message));
    }
  }

  #tellState(): void {
    withoutThrowing(() => this.#settings.onState?.(this.#state));
  }

  /** Takes back what was set up while the bus went. @throws {AmphisError} BUS_CLOSED */
  async #takeBack(act: string, made: Registration): Promise<void> {
    await made.close();
    this.#checkOpen(act);
  }

  get #isOpen(): boolean {
    return this.#state.kind === "open" || this.#state.kind === "reconnecting";
  }

  #checkOpen(act: string): void {
    if (this.#isOpen) return;
    const reason = `the bus is ${this.#state.kind}`;
    throw new AmphisError("BUS_CLOSED", `Cannot ${act}: ${reason}`, { reason });
  }

  /**
   * Requests under way are finished first, and their handlers may still use the bus; then what this side asked for; then what was
   * delivered. Only then the connections go.
   */
  async #drain(): Promise<void> {
    if (this.#state.kind === "closed") return this.#end(undefined);
    this.#state = { kind: "draining" };
    this.#tellState();
    // Where others are kept out anyway, handlers can go on asking each other until all are done.
    if (this.#exchange.refuseNew()) {
      await Promise.all([...this.#endpoints].map(async (endpoint) => endpoint.idle()));
    }
    await Promise.all([...this.#endpoints].map(async (endpoint) => endpoint.drain()));
    await this.#calls.over();
    this.#refusal = busClosed("the bus is draining");
    await Promise.all([...this.#subscriptions].map(async (each) => each.drain()));
    await this.#exchange.drain();
    await this.#end(undefined);
  }

  #end(error: Error | undefined): Promise<void> {
    this.#ended ??= this.#endNow(error);
    return this.#ended;
  }

  async #endNow(cause: Error | undefined): Promise<void> {
    const refusal = busClosed(cause?.message ?? "the bus was closed");
    this.#refusal = refusal;
    this.#state = { kind: "closed", error: cause };
    this.#calls.abandon(cause ?? refusal);
    await Promise.all([
      this.#exchange.close(),
      ...[...this.#endpoints].map(async (endpoint) => endpoint.close()),
      ...[...this.#subscriptions].map(async (subscription) => subscription.close()),
    ]);
    this.#resolveClosed(cause);
    this.#tellState();
  }
}

function busClosed(reason: string): AmphisError {
  return new AmphisError("BUS_CLOSED", `Cannot use bus: ${reason}`, { reason });
}
