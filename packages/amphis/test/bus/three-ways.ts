import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import type { Bus, BusOptions } from "../../src/bus/bus.ts";
import { openBus } from "../../src/bus/open-bus.ts";
import { inProcess } from "../../src/transport/index.ts";

/** Two members that can reach each other, and the hub between them; some of the three may be one. */
export interface Buses {
  /** Asks, publishes and looks around. */
  readonly caller: Bus;
  /** Answers and subscribes. */
  readonly callee: Bus;
  readonly hub: Bus;
}

/** Options for every bus that is opened. */
export type SharedOptions = Omit<BusOptions, "listen" | "join" | "name">;

export interface Way {
  readonly way: string;
  /** Opens buses that end with the test. The members are named `caller` and `callee`, the hub `hub`. */
  readonly open: (options?: SharedOptions) => Promise<Buses>;
}

/** An address of this process alone, free of others; its folder goes with the test. */
export function unixAddress(): string {
  const folder = mkdtempSync(join(tmpdir(), "amphis-bus-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return `unix:${folder}/hub.sock`;
}

/** A bus that ends with the test. */
export async function opened(options: BusOptions = {}): Promise<Bus> {
  const bus = await openBus(options);
  onTestFinished(() => bus.close());
  return bus;
}

async function alone(options: SharedOptions = {}): Promise<Buses> {
  const bus = await opened({ ...options, name: "caller" });
  return { caller: bus, callee: bus, hub: bus };
}

async function hubAsksMember(options: SharedOptions = {}): Promise<Buses> {
  const hub = await opened({ ...options, name: "caller", listen: unixAddress() });
  const callee = await opened({ ...options, name: "callee", join: hub.addresses[0] });
  return { caller: hub, callee, hub };
}

async function memberAsksHub(options: SharedOptions = {}): Promise<Buses> {
  const hub = await opened({ ...options, name: "callee", listen: unixAddress() });
  const caller = await opened({ ...options, name: "caller", join: hub.addresses[0] });
  return { caller, callee: hub, hub };
}

async function memberAsksMember(listen: string, options: SharedOptions = {}): Promise<Buses> {
  const hub = await opened({ ...options, name: "hub", listen });
  const [address] = hub.addresses;
  const callee = await opened({ ...options, name: "callee", join: address });
  const caller = await opened({ ...options, name: "caller", join: address });
  return { caller, callee, hub };
}

/** Every way in which two members reach each other. */
export const WAYS: readonly Way[] = [
  { way: "in one process", open: alone },
  { way: "from the hub to its member", open: hubAsksMember },
  { way: "from a member to its hub", open: memberAsksHub },
  {
    way: "from member to member over unix",
    open: (options) => memberAsksMember(unixAddress(), options),
  },
];

/** The same over the other transports: these differ below the bus. */
export const TRANSPORTS: readonly Way[] = [
  { way: "over tcp", open: (options) => memberAsksMember("tcp://127.0.0.1:0", options) },
  { way: "over ws", open: (options) => memberAsksMember("ws://127.0.0.1:0/bus", options) },
  {
    way: "over inproc",
    open: (options) => memberAsksMember("inproc:hub", { ...options, transports: [inProcess()] }),
  },
];

/** Over connections only: what has a wire between caller and callee. */
export const REMOTE_WAYS: readonly Way[] = WAYS.slice(1);
