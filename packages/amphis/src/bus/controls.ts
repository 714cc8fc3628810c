/*
 * The control calls of spec/bus.md, read and written. What a peer says is judged here and nowhere else.
 */

import {
  AmphisError,
  decodeCall,
  encodeCall,
  type Frame,
  Place,
  type Value,
  type ValueMap,
} from "@amphis/protocol";

import type {
  BusHealth,
  EndpointInfo,
  EndpointQuery,
  Health,
  HealthStatus,
  SlowPolicy,
} from "./bus.ts";
import type { EndpointInit, SubscriptionInit } from "./exchange.ts";
import { parseFilter } from "./filter.ts";
import { checkGlob } from "./glob.ts";
import { checkName } from "./name.ts";
import { checkTopicPattern } from "./topic.ts";
import type { Route } from "./route-table.ts";

export type Control =
  | { readonly kind: "join"; readonly name: string; readonly token: string | undefined }
  | { readonly kind: "register"; readonly init: EndpointInit }
  | { readonly kind: "subscribe"; readonly init: SubscriptionInit }
  | { readonly kind: "route"; readonly route: Route }
  | {
      readonly kind: "report";
      readonly name: string;
      readonly status: HealthStatus;
      readonly reason: string;
    }
  | { readonly kind: "find"; readonly query: EndpointQuery }
  | { readonly kind: "health" };

const MAX_MESSAGES = 0x7fff_ffff;
const STATUSES: readonly HealthStatus[] = ["healthy", "degraded", "unhealthy"];
const POLICIES: readonly SlowPolicy[] = ["drop-oldest", "drop-newest", "disconnect"];

export function encodeControl(control: Control): Uint8Array {
  return encodeCall({
    function: `bus:${control.kind}`,
    args: [],
    kwargs: kwargsOf(control),
    options: {},
  });
}

function kwargsOf(control: Control): ValueMap {
  switch (control.kind) {
    case "join":
      return present({ name: control.name, token: control.token });
    case "register":
      return present({ ...control.init });
    case "subscribe": {
      const { pattern, group, filter, slowPolicy, maxMessages } = control.init;
      return present({ pattern, group, filter: filter?.written, policy: slowPolicy, maxMessages });
    }
    case "route":
      return { ...control.route };
    case "report":
      return { name: control.name, status: control.status, reason: control.reason };
    case "find":
      return present({ ...control.query });
    case "health":
      return {};
  }
}

function present(map: Record<string, Value>): ValueMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
}

/** @throws {AmphisError} BODY_INVALID, NAME_INVALID, FILTER_INVALID, and what the codec throws for bytes that are no value */
export function decodeControl({ body }: Frame): Control {
  const { function: name, kwargs } = decodeCall(body);
  const given = new Place("call", kwargs as Value, "$.kwargs");
  switch (name) {
    case "bus:join":
      return { kind: "join", name: nameOf(given, "member"), token: optionalText(given, "token") };
    case "bus:register":
      return { kind: "register", init: endpointOf(given) };
    case "bus:subscribe":
      return { kind: "subscribe", init: subscriptionOf(given) };
    case "bus:route":
      return { kind: "route", route: routeOf(given) };
    case "bus:report":
      return {
        kind: "report",
        name: nameOf(given, "endpoint"),
        status: oneOf(given.key("status"), STATUSES),
        reason: optionalText(given, "reason") ?? "",
      };
    case "bus:find":
      return { kind: "find", query: queryOf(given) };
    case "bus:health":
      return { kind: "health" };
    default:
      throw new AmphisError("BODY_INVALID", `Cannot take call: a hub has no function ${name}`, {
        body: "call",
        path: "$.function",
        expected: "bus:register, bus:subscribe, bus:route, bus:report, bus:find or bus:health",
      });
  }
}

function endpointOf(given: Place): EndpointInit {
  const [shared, metadata] = [given.key("shared"), given.key("metadata")];
  const capabilities = optionalTexts(given, "capabilities") ?? [];
  for (const capability of capabilities) checkName("capability", capability);
  const callers = optionalTexts(given, "callers");
  callers?.forEach((glob) => checkGlob(glob));
  return {
    name: nameOf(given, "endpoint"),
    capabilities,
    callers,
    shared: !shared.isAbsent && shared.bool(),
    metadata: metadata.isAbsent ? {} : metadata.map(),
  };
}

function subscriptionOf(given: Place): SubscriptionInit {
  const [pattern, filter, maxMessages] = [
    given.key("pattern").text(),
    given.key("filter"),
    given.key("maxMessages"),
  ];
  checkTopicPattern(pattern);
  const group = optionalText(given, "group");
  if (group !== undefined) checkName("group", group);
  return {
    pattern,
    group,
    filter: filter.isAbsent
      ? undefined
      : { written: filter.value, parsed: parseFilter(filter.value) },
    slowPolicy: oneOf(given.key("policy"), POLICIES),
    maxMessages: maxMessages.int(1, MAX_MESSAGES),
  };
}

function routeOf(given: Place): Route {
  const [pattern, priority] = [given.key("pattern").text(), given.key("priority")];
  checkGlob(pattern);
  return {
    pattern,
    to: targetOf(given.key("to").text()),
    priority: priority.isAbsent
      ? 0
      : priority.int(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  };
}

/** @throws {AmphisError} NAME_INVALID unless it is an endpoint or `@capability` */
export function targetOf(target: string): string {
  if (target.startsWith("@")) checkName("capability", target.slice(1));
  else checkName("endpoint", target);
  return target;
}

function queryOf(given: Place): EndpointQuery {
  const name = optionalText(given, "name");
  if (name !== undefined) checkGlob(name);
  return { name, capability: optionalText(given, "capability") };
}

function nameOf(given: Place, what: "member" | "endpoint"): string {
  const name = given.key("name").text();
  checkName(what, name);
  return name;
}

function optionalText(given: Place, key: string): string | undefined {
  const place = given.key(key);
  return place.isAbsent ? undefined : place.text();
}

function optionalTexts(given: Place, key: string): readonly string[] | undefined {
  const place = given.key(key);
  return place.isAbsent ? undefined : place.texts();
}

function oneOf<T extends string>(place: Place, allowed: readonly T[]): T {
  const text = place.text();
  const found = allowed.find((each) => each === text);
  if (found === undefined) throw place.invalid(`one of ${allowed.join(", ")}`);
  return found;
}

/** What the hub answers to a join. */
export interface Joined {
  readonly peer: string;
  readonly hub: string;
}

/** @throws {AmphisError} BODY_INVALID */
export function joinedOf(value: Value): Joined {
  const place = new Place("result", value);
  return { peer: place.key("peer").text(), hub: place.key("hub").text() };
}

/** @throws {AmphisError} BODY_INVALID */
export function endpointsOf(value: Value): EndpointInfo[] {
  return new Place("result", value).array(0).map((place) => endpointInfoOf(place));
}

/** @throws {AmphisError} BODY_INVALID */
export function endpointInfoOf(place: Place): EndpointInfo {
  return {
    name: place.key("name").text(),
    capabilities: place.key("capabilities").texts(),
    peer: place.key("peer").text(),
    member: place.key("member").text(),
    shared: place.key("shared").bool(),
    metadata: place.key("metadata").map(),
    ...healthStatusOf(place),
  };
}

/** @throws {AmphisError} BODY_INVALID */
export function healthOf(value: Value): BusHealth {
  const place = new Place("result", value);
  const peers = place.key("peers").array(0);
  return {
    ...healthStatusOf(place),
    peers: peers.map((peer) => ({
      ...healthStatusOf(peer),
      peer: peer.key("peer").text(),
      name: peer.key("name").text(),
      queuedMessages: peer.key("queuedMessages").int(0, Number.MAX_SAFE_INTEGER),
      pendingCalls: peer.key("pendingCalls").int(0, Number.MAX_SAFE_INTEGER),
    })),
  };
}

function healthStatusOf(place: Place): Health {
  return {
    status: oneOf(place.key("status"), STATUSES),
    reason: optionalText(place, "reason") ?? "",
  };
}
