/*
 * A bus carries requests and events between the parts of a program, in one process or many. The wire is spec/bus.md; this is what holds
 * for whoever uses it.
 *
 * Members. A process opens a bus in one of three ways: it listens and is the hub, it joins a hub, or it does neither and keeps the bus to
 * itself. The same calls work in all three. What is passed between parts of one process is passed by reference: do not change it after.
 *
 * Requests. A request goes to one endpoint: by name, by capability (`@resize`), or by a route. It has a deadline, 30 s unless another is
 * given, and ends with the answer, a typed error, REQUEST_TIMEOUT, or the reason of its signal; the handler's `signal` aborts as soon as
 * nobody waits for the answer any more. An answer that comes too late is counted (`stats.orphans`) and dropped.
 *
 * Streams. A handler that returns an async iterable answers with a stream, and reads the caller's stream as `request.input`. Each side sends
 * only as far as the other gave credit, so a slow reader stops the writer and memory stays bounded. Leaving a stream early cancels it.
 *
 * Events. An event goes to every subscription whose pattern and filter match it, once for each queue group. Handlers of one subscription run
 * one after the other. A subscription that falls `maxMessages` behind drops the oldest, drops the newest, or ends, as it chose; every
 * message that is dropped is counted. A publisher never waits for its subscribers.
 *
 * Order and loss. A message is delivered at most once. Those of one sender, one priority and one target arrive in the order in which they
 * were accepted. One is lost only with a connection, by its TTL, or by a subscription's own policy. Where messages wait, higher priorities
 * go first. Expired ones are not delivered.
 *
 * Losing the hub. A member connects again by itself, and registers and subscribes again before anything else goes out. Requests that
 * were under way fail with CONNECTION_CLOSED; a call made meanwhile fails or waits, as it chose (`whileDown`).
 *
 * Ending. `drain` takes nothing new, finishes what was accepted, and closes; `close` ends everything now. Both work once, from any state.
 *
 * Trust. A hub decides who may join (token), and what each member may call, publish, subscribe to and register (`allow`). Whatever a member
 * sends can end its own connection, and nothing else.
 */

import type { CodecName, Message, Priority, Value, ValueMap } from "@amphis/protocol";
import type { SchemaRegistry } from "@amphis/protocol/schema";

import type {
  ConnectionOptions,
  LinkOptions,
  PeerIdentity,
  Transport,
} from "../transport/index.ts";
import type { AllowRule } from "./access.ts";
import type { FilterInit } from "./filter.ts";

export interface BusOptions {
  /** Addresses to be the hub at. Without this and `join`, the bus stays within the process. */
  readonly listen?: string | readonly string[] | undefined;
  /** Address of the hub to join. */
  readonly join?: string | undefined;
  /** What this member is: a role, not unique. @default "node" */
  readonly name?: string | undefined;
  /** For a member: what it shows to the hub. */
  readonly token?: string | undefined;
  /** For a hub: one token for all, or one for each member's name. Without it, whoever can connect may join. */
  readonly tokens?: string | Readonly<Record<string, string>> | undefined;
  /** For a hub: a last word on who joins. What it throws is told to the member as ACCESS_DENIED. */
  readonly admit?: ((member: JoiningMember) => void | Promise<void>) | undefined;
  /** For a hub: what each member may do; what no rule allows is denied then. The hub's own process may do everything. */
  readonly allow?: readonly AllowRule[] | undefined;
  /** Payloads whose schema it knows are checked where they are sent and where they arrive. */
  readonly schemas?: SchemaRegistry | undefined;
  /** Codec of the messages that this member makes. @default "msgpack" */
  readonly codec?: CodecName | undefined;
  /** Used for addresses of their scheme in place of the ones with default options. */
  readonly transports?: readonly Transport[] | undefined;
  /** @default heartbeatMs 5_000, highWaterBytes 262_144; the rest as in `amphis/transport` */
  readonly connection?: ConnectionOptions | undefined;
  /** How a member connects again. `false`: not at all. */
  readonly reconnect?:
    | Pick<LinkOptions, "backoff" | "maxAttempts" | "stableMs">
    | false
    | undefined;
  /** Bytes that may wait for one connection before requests through it are refused, and events are dropped as their subscriptions chose. @default 16_777_216 */
  readonly queueBytes?: number | undefined;
  /** Calls that one member may have under way. @default 65_536 */
  readonly maxPendingCalls?: number | undefined;
  /** Ends the attempt to open. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each change of state. */
  readonly onState?: ((state: BusState) => void) | undefined;
  /** Told what a handler of an event threw. @default it is reported as an uncaught exception */
  readonly onError?: ((error: unknown, message: Message) => void) | undefined;
}

/** Who wants to join. */
export interface JoiningMember {
  readonly name: string;
  readonly token: string | undefined;
  readonly identity: PeerIdentity;
}

export type BusState =
  | { readonly kind: "open" }
  /** A member without its hub; it tries again. */
  | { readonly kind: "reconnecting"; readonly error: Error }
  | { readonly kind: "draining" }
  | { readonly kind: "closed"; readonly error: Error | undefined };

/** What a message may say besides its payload. */
export interface SendOptions {
  /** @default "normal" */
  readonly priority?: Priority | undefined;
  readonly metadata?: ValueMap | undefined;
  /** Name of the payload's contract. */
  readonly schema?: string | undefined;
  /** @default 1 */
  readonly version?: number | undefined;
  /** How long it is worth delivering. @default for ever */
  readonly ttlMs?: number | undefined;
  /** What becomes of it while there is no connection to the hub. @default "fail" */
  readonly whileDown?: "fail" | "queue" | undefined;
}

export interface RequestOptions extends Omit<SendOptions, "ttlMs"> {
  /** Longest wait for the answer; then REQUEST_TIMEOUT. `Infinity`: for ever. @default 30_000 */
  readonly timeoutMs?: number | undefined;
  /** Cancels the request; its reason is what is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** Stream for the handler's `request.input`. */
  readonly input?: Iterable<Value> | AsyncIterable<Value> | undefined;
}

export interface StreamOptions extends RequestOptions {
  /** Items that may be under way. @default 64 */
  readonly credit?: number | undefined;
}

/** What a handler knows of a request besides its payload. */
export interface Request {
  readonly message: Message;
  /** Name of the endpoint that was chosen. */
  readonly endpoint: string;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** Milliseconds left; undefined when there is no deadline. */
  readonly remainingMs: number | undefined;
  /** Items that the caller streams; ends at once when it streams none. Can be read once. */
  readonly input: AsyncIterable<Value>;
}

/** Answers requests. What it throws becomes the caller's error. */
export type RequestHandler = (payload: Value, request: Request) => Answer | Promise<Answer>;

export type Answer = Value | void | AsyncIterable<Value>;

export interface EndpointOptions {
  /** What it can do: requests to `@capability` reach it. */
  readonly capabilities?: readonly string[] | undefined;
  /** Globs over the names of members that may call it. @default everyone */
  readonly callers?: readonly string[] | undefined;
  /** Whether several endpoints may have this name; requests go to the one with the fewest under way. @default false */
  readonly shared?: boolean | undefined;
  /** For people and tools that look for endpoints. */
  readonly metadata?: ValueMap | undefined;
  /** Requests that are handled at the same time. @default 1_024 */
  readonly concurrency?: number | undefined;
  /** Requests that wait for their turn; more are refused with ENDPOINT_BUSY. @default 65_536 */
  readonly maxQueued?: number | undefined;
  /** Contracts that payloads and answers are held to; needs `schemas` of the bus. */
  readonly accepts?: ContractName | undefined;
  readonly answers?: ContractName | undefined;
}

export interface ContractName {
  readonly schema: string;
  /** @default 1 */
  readonly version?: number | undefined;
}

export type HealthStatus = "healthy" | "degraded" | "unhealthy";

export interface Health {
  readonly status: HealthStatus;
  /** Why it is not healthy; empty when it is. */
  readonly reason: string;
}

/** An endpoint of this process. */
export interface Endpoint extends AsyncDisposable {
  readonly name: string;
  readonly stats: EndpointStats;
  /** Tells everyone how it is. */
  report(health: HealthStatus, reason?: string): Promise<void>;
  /** Takes no more requests, and resolves when the last one is answered. */
  drain(): Promise<void>;
  /** Takes no more requests, and aborts those under way. */
  close(): Promise<void>;
}

export interface EndpointStats {
  readonly running: number;
  readonly queued: number;
  readonly answered: number;
  readonly failed: number;
  /** Requests whose deadline had passed when their turn came. */
  readonly expired: number;
  readonly refused: number;
}

/** An endpoint anywhere on the bus. */
export interface EndpointInfo extends Health {
  readonly name: string;
  readonly capabilities: readonly string[];
  /** The member that it belongs to, unique on the hub. */
  readonly peer: string;
  /** The name of that member. */
  readonly member: string;
  readonly shared: boolean;
  readonly metadata: ValueMap;
}

export interface EndpointQuery {
  /** A glob. */
  readonly name?: string | undefined;
  readonly capability?: string | undefined;
}

export interface EndpointChange {
  readonly kind: "up" | "down" | "health";
  readonly endpoint: EndpointInfo;
}

/** Takes events. While a promise that it returned is pending, the subscription waits. */
export type EventHandler = (payload: Value, event: Message) => void | Promise<void>;

/** What becomes of messages that a subscription has no room for. */
export type SlowPolicy = "drop-oldest" | "drop-newest" | "disconnect";

export interface SubscribeOptions {
  /** Members of one queue group share: each event goes to one of them. */
  readonly group?: string | undefined;
  /** Evaluated before anything is sent to this member. */
  readonly filter?: FilterInit | undefined;
  /** `disconnect` ends the subscription with SUBSCRIBER_SLOW. @default "drop-oldest" */
  readonly slowPolicy?: SlowPolicy | undefined;
  /** Messages that may wait. @default 65_536 */
  readonly maxMessages?: number | undefined;
}

export interface Subscription extends AsyncDisposable {
  readonly pattern: string;
  readonly stats: SubscriptionStats;
  /** Resolves when it has ended: with what ended it, or nothing when this side did. */
  readonly ended: Promise<Error | undefined>;
  /** Resolves when everything that was sent to it is handled and nothing more comes. */
  drain(): Promise<void>;
  /** Drops what waits. */
  close(): Promise<void>;
}

export interface SubscriptionStats {
  readonly delivered: number;
  readonly dropped: number;
  readonly expired: number;
  /** Messages that wait for the handler. */
  readonly queued: number;
}

export interface RouteInit {
  /** A glob over targets. */
  readonly pattern: string;
  /** An endpoint, or `@capability`. */
  readonly to: string;
  /** The highest wins; then the more exact pattern, then the older. @default 0 */
  readonly priority?: number | undefined;
}

/** Something that was set up and can be taken back. */
export interface Registration extends AsyncDisposable {
  close(): Promise<void>;
}

export interface PeerHealth extends Health {
  readonly peer: string;
  readonly name: string;
  readonly queuedMessages: number;
  readonly pendingCalls: number;
}

export interface BusHealth extends Health {
  readonly peers: readonly PeerHealth[];
}

/** Counts since the bus was opened, and what is under way now. */
export interface BusStats {
  readonly requests: number;
  readonly timeouts: number;
  readonly cancelled: number;
  readonly published: number;
  /** Frames for calls that were over: late answers. */
  readonly orphans: number;
  /** Messages that were not delivered because their TTL had passed. */
  readonly expired: number;
  /** Events that a slow subscription had no room for. */
  readonly dropped: number;
  /** Things that members tried and may not, and messages that are none. */
  readonly refused: number;
  readonly pendingCalls: number;
  readonly endpoints: number;
  readonly subscriptions: number;
  /** Connections: those to a hub's members, or a member's to its hub. */
  readonly peers: number;
}

export interface Bus extends AsyncDisposable {
  readonly name: string;
  readonly state: BusState;
  readonly stats: BusStats;
  /** Where a hub listens, with what the system chose filled in. */
  readonly addresses: readonly string[];
  /** Resolves once, whatever the reason: with what ended it, or nothing when this side did. */
  readonly closed: Promise<Error | undefined>;
  /** Makes an endpoint that answers requests. @throws {AmphisError} ENDPOINT_EXISTS, ACCESS_DENIED, NAME_INVALID */
  register(name: string, handler: RequestHandler, options?: EndpointOptions): Promise<Endpoint>;
  /**
   * Asks an endpoint.
   *
   * @throws {AmphisError} what the endpoint answered with; ENDPOINT_NOT_FOUND, ENDPOINT_BUSY, ENDPOINT_GONE, REQUEST_TIMEOUT, ACCESS_DENIED,
   * SEND_QUEUE_FULL, CONNECTION_CLOSED, BUS_CLOSED
   * @throws the reason of the signal
   */
  request(target: string, payload?: Value, options?: RequestOptions): Promise<Value>;
  /** Asks an endpoint for a stream. It starts with the first `next`, and leaving the loop cancels it. */
  stream(target: string, payload?: Value, options?: StreamOptions): AsyncIterableIterator<Value>;
  /** Sends to an endpoint and wants no answer. Resolves when it is accepted. */
  send(target: string, payload?: Value, options?: SendOptions): Promise<void>;
  /** Sends to every subscription that matches. Resolves when it is accepted. */
  publish(topic: string, payload?: Value, options?: SendOptions): Promise<void>;
  subscribe(
    pattern: string,
    handler: EventHandler,
    options?: SubscribeOptions,
  ): Promise<Subscription>;
  /** Leads targets that no endpoint has as its name elsewhere. `**` with a low priority is the default route. */
  route(route: RouteInit): Promise<Registration>;
  find(query?: EndpointQuery): Promise<readonly EndpointInfo[]>;
  /** Tells of each endpoint that is there, then of each that comes, goes, or changes its health. */
  watch(listener: (change: EndpointChange) => void, query?: EndpointQuery): Promise<Subscription>;
  health(): Promise<BusHealth>;
  drain(): Promise<void>;
  close(): Promise<void>;
}
