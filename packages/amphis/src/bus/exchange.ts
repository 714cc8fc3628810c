/*
 * What stands between a member and its hub. `Hub` is the hub itself and `HubLink` a connection to one; both take the same calls, so that a
 * bus need not know where its hub is. In the other direction the hub reaches endpoints and subscriptions through sinks: those of its own
 * process are the objects themselves, those of a peer write frames.
 */

import type { Value, ValueMap } from "@amphis/protocol";

import type { WhileDown } from "../transport/index.ts";
import type {
  BusHealth,
  EndpointInfo,
  EndpointQuery,
  Health,
  HealthStatus,
  Registration,
  SlowPolicy,
} from "./bus.ts";
import type { CallEnd } from "./call-part.ts";
import type { Filter } from "./filter.ts";
import type { Parcel } from "./parcel.ts";
import type { Route } from "./route-table.ts";

/** What a caller wants besides one value. */
export interface CallWants {
  /** Items that a stream may bring at once; 0 when one value is wanted. */
  readonly credit: number;
  /** Whether the caller streams items too. */
  readonly input: boolean;
}

export const ONE_VALUE: CallWants = { credit: 0, input: false };

/** Takes the requests of one endpoint. */
export interface RequestSink {
  /** Requests under way; the least loaded of several is chosen. */
  readonly load: number;
  /** @returns the handling side of the call @throws {AmphisError} ENDPOINT_BUSY, BUS_CLOSED */
  request(parcel: Parcel, wants: CallWants, caller: CallEnd): CallEnd;
  /** The same without an answer. */
  send(parcel: Parcel): void;
}

/** Takes the events of one subscription. */
export interface EventSink {
  /** Messages that wait; the member of a queue group with the fewest is chosen. */
  readonly backlog: number;
  event(parcel: Parcel): void;
}

/** Who asks the hub for something. */
export interface HubMember {
  /** The role it joined with. */
  readonly name: string;
  /** Unique on the hub, for people: `worker/7`. */
  readonly peer: string;
  /** Whether rules do not apply: the hub's own process. */
  readonly trusted: boolean;
  readonly health: Health;
}

export interface EndpointInit {
  readonly name: string;
  readonly capabilities: readonly string[];
  readonly callers: readonly string[] | undefined;
  readonly shared: boolean;
  readonly metadata: ValueMap;
}

export interface SubscriptionInit {
  readonly pattern: string;
  readonly group: string | undefined;
  /** As it was written, and as it is evaluated. */
  readonly filter: { readonly written: Value; readonly parsed: Filter } | undefined;
  readonly slowPolicy: SlowPolicy;
  readonly maxMessages: number;
}

/** A bus as its members see it. */
export interface Exchange {
  /** @throws {AmphisError} ENDPOINT_EXISTS, ACCESS_DENIED */
  register(init: EndpointInit, sink: RequestSink): Promise<Registration>;
  /** `onEnd` hears when the hub ends it. @throws {AmphisError} ACCESS_DENIED */
  subscribe(
    init: SubscriptionInit,
    sink: EventSink,
    onEnd: (error: unknown) => void,
  ): Promise<Registration>;
  route(route: Route): Promise<Registration>;
  report(endpoint: string, status: HealthStatus, reason: string): Promise<void>;
  find(query: EndpointQuery): Promise<readonly EndpointInfo[]>;
  health(): Promise<BusHealth>;
  /** What goes wrong is told to the caller. @returns the handling side */
  request(parcel: Parcel, wants: CallWants, caller: CallEnd, whileDown: WhileDown): CallEnd;
  /** Resolves when it is accepted; undefined when that is so already. @throws {AmphisError} */
  send(parcel: Parcel, whileDown: WhileDown): Promise<void> | undefined;
  /** As `send`. @throws {AmphisError} ACCESS_DENIED */
  publish(parcel: Parcel, whileDown: WhileDown): Promise<void> | undefined;
  readonly peers: number;
  readonly pendingCalls: number;
  /** From now on nothing new is taken from others. @returns whether that keeps them from the endpoints of this process */
  refuseNew(): boolean;
  /** Sends what was accepted, and ends in good order. */
  drain(): Promise<void>;
  close(): Promise<void>;
}
