import { AmphisError, Message, nearNames, type Value } from "@amphis/protocol";

import { AccessRules, type Act, type AllowRule } from "./access.ts";
import type { BusHealth, EndpointInfo, EndpointQuery, HealthStatus, PeerHealth } from "./bus.ts";
import { type CallEnd, CallPart } from "./call-part.ts";
import { Counts } from "./counts.ts";
import { Directory, DirectoryEntry } from "./directory.ts";
import type {
  CallWants,
  EndpointInit,
  EventSink,
  HubMember,
  RequestSink,
  SubscriptionInit,
} from "./exchange.ts";
import { HubSubscription, SubscriptionMatch } from "./hub-subscription.ts";
import { NOBODY } from "./nobody.ts";
import { type MessageCodecs, Parcel } from "./parcel.ts";
import { type Route, RouteTable } from "./route-table.ts";
import { TopicTable } from "./topic-table.ts";

/** A near name is looked for among so many, for a target of so many characters: a wrong target must stay cheap. */
const NAMES_LOOKED_AT = 100;
const TARGET_LOOKED_FOR = 64;
/** The middle of a bus: knows the endpoints, subscriptions and routes of all members, and passes on what they send. */
export class Hub {
  readonly counts: Counts = new Counts();
  readonly codecs: MessageCodecs;
  readonly #directory = new Directory();
  readonly #routes = new RouteTable();
  readonly #topics = new TopicTable<HubSubscription>();
  readonly #access: AccessRules;
  readonly #match = new SubscriptionMatch(this.counts);
  /** Members in other processes. */
  readonly peers: Set<HubMember & { readonly report: PeerHealth }> = new Set<
    HubMember & { readonly report: PeerHealth }
  >();
  #closing = false;

  constructor(codecs: MessageCodecs, allow: readonly AllowRule[] | undefined) {
    this.codecs = codecs;
    this.#access = new AccessRules(allow);
  }

  get endpoints(): number {
    return this.#directory.size;
  }

  get subscriptions(): number {
    return this.#topics.size;
  }

  /** From now on nothing new is taken; what is under way goes on. */
  refuseNew(): void {
    this.#closing = true;
  }

  /** @returns what takes it back @throws {AmphisError} ENDPOINT_EXISTS, ACCESS_DENIED, BUS_CLOSED */
  register(member: HubMember, init: EndpointInit, sink: RequestSink): (reason: string) => void {
    this.#admit(member, "register", init.name);
    const entry = new DirectoryEntry(member, init, sink);
    this.#directory.add(entry);
    this.#tell("up", entry.info());
    let there = true;
    return (reason) => {
      if (!there) return;
      there = false;
      this.#directory.remove(entry);
      this.#tell("down", { ...entry.info(), status: "unhealthy", reason });
    };
  }

  /** @throws {AmphisError} ACCESS_DENIED, BUS_CLOSED */
  subscribe(member: HubMember, init: SubscriptionInit, sink: EventSink): () => void {
    if (!init.pattern.startsWith("$")) this.#admit(member, "subscribe", init.pattern);
    const subscription = new HubSubscription(init, sink);
    return this.#topics.add(init.pattern, subscription);
  }

  /** @throws {AmphisError} ACCESS_DENIED, BUS_CLOSED */
  route(member: HubMember, route: Route): () => void {
    this.#admit(member, "route", route.pattern);
    return this.#routes.add(route);
  }

  /** @throws {AmphisError} ENDPOINT_NOT_FOUND unless the member has an endpoint of this name */
  report(member: HubMember, name: string, status: HealthStatus, reason: string): void {
    const entry = this.#directory
      .find({})
      .find((each) => each.name === name && each.member === member);
    if (entry === undefined) throw this.#notFound(name);
    entry.reported = { status, reason: status === "healthy" ? "" : reason };
    this.#tell("health", entry.info());
  }

  find(query: EndpointQuery): EndpointInfo[] {
    return this.#directory.find(query).map((entry) => entry.info());
  }

  health(): BusHealth {
    const peers = [...this.peers].map(({ report }) => report);
    const ill = peers.filter(({ status }) => status !== "healthy");
    return {
      status: ill.length === 0 ? "healthy" : "degraded",
      reason: ill.map(({ peer, reason }) => `${peer}: ${reason}`).join("; "),
      peers,
    };
  }

  /** The health of a member has changed, and that of its endpoints with it. */
  healthChanged(member: HubMember): void {
    for (const entry of this.#directory.find({})) {
      if (entry.member === member) this.#tell("health", entry.info());
    }
  }

  /** Hands a request to its endpoint. @returns its handling side @throws {AmphisError} */
  request(member: HubMember, parcel: Parcel, wants: CallWants, caller: CallEnd): CallEnd {
    const entry = this.#chosen(member, parcel);
    this.counts.requests += 1;
    if (!parcel.isSpent) return entry.sink.request(parcel, wants, caller);
    this.counts.expired += 1;
    caller.take(CallPart.of("error", parcel.timeout()));
    return NOBODY;
  }

  /** Hands a request to its endpoint and wants no answer. @throws {AmphisError} */
  send(member: HubMember, parcel: Parcel): void {
    const entry = this.#chosen(member, parcel);
    this.counts.requests += 1;
    if (parcel.isSpent) this.counts.expired += 1;
    else entry.sink.send(parcel);
  }

  /** @throws {AmphisError} ACCESS_DENIED, BUS_CLOSED */
  publish(member: HubMember, parcel: Parcel): void {
    const { target } = parcel;
    if (target.startsWith("$")) throw denied(member, "publish", target);
    this.#admit(member, "publish", target);
    this.#checkSource(member, parcel);
    this.counts.published += 1;
    if (parcel.isSpent) this.counts.expired += 1;
    else this.#deliver(parcel);
  }

  #deliver(parcel: Parcel): void {
    const match = this.#match;
    match.start(parcel);
    this.#topics.match(parcel.target, match.visit);
    match.finish();
  }

  #chosen(member: HubMember, parcel: Parcel): DirectoryEntry {
    const { target } = parcel;
    this.#admit(member, "call", target);
    this.#checkSource(member, parcel);
    const entry = this.#directory.choose(target) ?? this.#routed(target);
    if (entry === undefined) throw this.#notFound(target);
    if (!entry.mayBeCalledBy(member)) throw denied(member, "call", target);
    return entry;
  }

  #routed(target: string): DirectoryEntry | undefined {
    if (this.#routes.size === 0) return undefined;
    const route = this.#routes.find(target, ({ to }) => this.#directory.has(to));
    return route === undefined ? undefined : this.#directory.choose(route.to);
  }

  #admit(member: HubMember, act: Act, subject: string): void {
    if (this.#closing && !member.trusted) {
      const reason = "the hub is closing";
      throw new AmphisError("BUS_CLOSED", `Cannot ${act}: ${reason}`, { reason });
    }
    if (!member.trusted) this.#access.check(member.name, act, subject);
  }

  /** Members speak in their own name. */
  #checkSource(member: HubMember, parcel: Parcel): void {
    if (member.trusted) return;
    const { source } = parcel;
    if (source !== "" && source !== member.name) throw denied(member, "send as", source);
  }

  /** Says on the topics of the hub that an endpoint came, went, or feels different. */
  #tell(change: "up" | "down" | "health", endpoint: EndpointInfo): void {
    if (this.#topics.size === 0) return;
    const target = `$endpoint.${change}.${endpoint.name}`;
    const message = new Message<Value>({ type: "event", target, payload: { ...endpoint } });
    this.#deliver(Parcel.of(message, this.codecs, "msgpack"));
  }

  #notFound(target: string): AmphisError {
    const suggestion = this.#near(target);
    const hint = suggestion === "" ? "" : `; there is ${suggestion}`;
    const message = `Cannot reach ${target}: no endpoint takes requests for it${hint}`;
    return new AmphisError("ENDPOINT_NOT_FOUND", message, { target, suggestion });
  }

  #near(target: string): string {
    if (target.length > TARGET_LOOKED_FOR) return "";
    const names: string[] = [];
    for (const name of this.#directory.names()) {
      if (names.push(name) === NAMES_LOOKED_AT) break;
    }
    return nearNames(target, names)[0] ?? "";
  }
}

function denied(member: HubMember, act: string, subject: string): AmphisError {
  const message = `Cannot ${act} ${subject}: member ${member.name} may not`;
  return new AmphisError("ACCESS_DENIED", message, { member: member.name, act, subject });
}
