import { type Bus, openBus } from "amphis/bus";

import type { Sender, System } from "./system.ts";

/** Nothing may be dropped here, as nothing is by the rivals: publishers of a bus do not wait, so what is behind waits at the hub. */
const PATIENT = { maxMessages: 10_000_000 };
const ROOMY = { queueBytes: 2 ** 28 };

/** Whoever publishes and asks is the hub: two processes, nothing between them. */
export const direct: System = {
  listener: "sender",
  receive: join,
  send: async (address) => senderOf(await openBus({ ...ROOMY, listen: address })),
};

/** The hub is a process of its own, as a broker is. */
export const brokered: System = {
  listener: "broker",
  async startBroker(address) {
    const hub = await openBus({ ...ROOMY, listen: address });
    return () => hub.close();
  },
  receive: join,
  send: async (address) => senderOf(await openBus({ join: address })),
};

async function join(address: string, connections: number, onReading: () => void): Promise<void> {
  for (let i = 0; i < connections; i += 1) {
    const member = await openBus({ join: address });
    if (i === 0) await member.register("echo", (reading) => reading);
    await member.subscribe("readings.*", () => onReading(), PATIENT);
  }
}

function senderOf(bus: Bus): Sender {
  return {
    request: (reading) => bus.request("echo", { ...reading }),
    publish: (reading) => bus.publish("readings.one", { ...reading }),
    // An answer comes behind everything that was sent before it.
    flush: async () => void (await bus.request("echo")),
  };
}
