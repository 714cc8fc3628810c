import type { LinkState } from "../transport/index.ts";
import { BusNode } from "./bus-node.ts";
import type { Bus, BusOptions, BusState } from "./bus.ts";
import { Counts } from "./counts.ts";
import { Hub } from "./hub.ts";
import { HubLink } from "./hub-link.ts";
import { HubServer } from "./hub-server.ts";
import { LocalExchange } from "./local-exchange.ts";
import { messageCodecs } from "./parcel.ts";
import { type BusSettings, busSettings } from "./settings.ts";

/**
 * Opens a bus: as its hub (`listen`), as a member of one (`join`), or for this process alone.
 *
 * ```ts
 * await using bus = await openBus({ listen: "unix:/run/shop.sock" });
 * await bus.register("prices.total", ({ amount }) => amount * 9.5);
 * ```
 *
 * @throws {AmphisError} LISTEN_FAILED, CONNECT_FAILED, ADDRESS_INVALID, NAME_INVALID, AUTHENTICATION_FAILED, ACCESS_DENIED, NEGOTIATION_FAILED
 * @throws {TypeError | RangeError} for options that make no sense
 * @throws the reason of the signal
 */
export async function openBus(options: BusOptions = {}): Promise<Bus> {
  const settings = busSettings(options);
  settings.signal?.throwIfAborted();
  return settings.join === undefined ? openHub(settings) : joinBus(settings, settings.join);
}

async function openHub(settings: BusSettings): Promise<Bus> {
  const codecs = messageCodecs(settings.schemas);
  const hub = new Hub(codecs, settings.allow);
  const server = new HubServer(hub, settings);
  await server.listen();
  return new BusNode({
    settings,
    exchange: new LocalExchange(settings.name, hub, server),
    codecs,
    counts: hub.counts,
    addresses: server.addresses,
  });
}

async function joinBus(settings: BusSettings, address: string): Promise<Bus> {
  const codecs = messageCodecs(settings.schemas);
  const counts = new Counts();
  const link = await HubLink.join({ settings, address, codecs, counts });
  const bus = new BusNode({ settings, exchange: link, codecs, counts, addresses: [] });
  link.observe((state) => {
    const busState = stateOf(state);
    if (busState !== undefined) bus.enter(busState);
  });
  void link.closed.then((reason) => {
    if (reason.kind === "failed") bus.lost(reason.error);
  });
  return bus;
}

/** What the state of a link means for its bus; what comes between two attempts changes nothing. */
function stateOf(state: LinkState): BusState | undefined {
  if (state.kind === "up") return { kind: "open" };
  return state.kind === "waiting" ? { kind: "reconnecting", error: state.error } : undefined;
}
