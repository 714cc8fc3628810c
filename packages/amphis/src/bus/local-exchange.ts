import type { BusHealth, EndpointInfo, EndpointQuery, HealthStatus, Registration } from "./bus.ts";
import { type CallEnd, CallPart } from "./call-part.ts";
import { encodeControl } from "./controls.ts";
import { HEALTHY } from "./directory.ts";
import type {
  CallWants,
  EndpointInit,
  EventSink,
  Exchange,
  HubMember,
  RequestSink,
  SubscriptionInit,
} from "./exchange.ts";
import type { Hub } from "./hub.ts";
import type { HubServer } from "./hub-server.ts";
import { NOBODY } from "./nobody.ts";
import type { Parcel } from "./parcel.ts";
import type { Route } from "./route-table.ts";

/** The hub's own process as a member: everything goes by call, nothing is encoded, and no rule applies. */
export class LocalExchange implements Exchange {
  readonly #member: HubMember;
  readonly #hub: Hub;
  readonly #server: HubServer;

  constructor(name: string, hub: Hub, server: HubServer) {
    this.#member = { name, peer: `${name}/0`, trusted: true, health: HEALTHY };
    this.#hub = hub;
    this.#server = server;
  }

  get peers(): number {
    return this.#server.peers;
  }

  get pendingCalls(): number {
    return this.#server.pendingCalls;
  }

  async register(init: EndpointInit, sink: RequestSink): Promise<Registration> {
    // Members are told of it, so it must be able to travel, here as elsewhere.
    encodeControl({ kind: "register", init });
    const unregister = this.#hub.register(this.#member, init, sink);
    return registration(() => unregister("its member took it back"));
  }

  async subscribe(init: SubscriptionInit, sink: EventSink): Promise<Registration> {
    return registration(this.#hub.subscribe(this.#member, init, sink));
  }

  async route(route: Route): Promise<Registration> {
    return registration(this.#hub.route(this.#member, route));
  }

  async report(endpoint: string, status: HealthStatus, reason: string): Promise<void> {
    this.#hub.report(this.#member, endpoint, status, reason);
  }

  async find(query: EndpointQuery): Promise<readonly EndpointInfo[]> {
    return this.#hub.find(query);
  }

  async health(): Promise<BusHealth> {
    return this.#hub.health();
  }

  request(parcel: Parcel, wants: CallWants, caller: CallEnd): CallEnd {
    try {
      return this.#hub.request(this.#member, parcel, wants, caller);
    } catch (error) {
      caller.take(CallPart.of("error", error));
      return NOBODY;
    }
  }

  send(parcel: Parcel): undefined {
    this.#hub.send(this.#member, parcel);
  }

  publish(parcel: Parcel): undefined {
    this.#hub.publish(this.#member, parcel);
  }

  refuseNew(): boolean {
    this.#hub.refuseNew();
    return true;
  }

  async drain(): Promise<void> {
    await this.#server.callsOver();
    await this.#server.drain();
  }

  async close(): Promise<void> {
    this.#hub.refuseNew();
    await this.#server.close();
  }
}

/** What takes something back, once. */
function registration(takeBack: () => void): Registration {
  const close = async (): Promise<void> => takeBack();
  return { close, [Symbol.asyncDispose]: close };
}
