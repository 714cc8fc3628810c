import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

import { connect, type NatsConnection } from "@nats-io/transport-node";

import type { Reading, System } from "./system.ts";

/** nats.js, and a nats-server as it comes. The address is `nats://127.0.0.1:port`; it has no Unix sockets. */
export const nats: System = {
  listener: "broker",
  async startBroker(address) {
    const server = spawn("nats-server", ["-a", "127.0.0.1", "-p", new URL(address).port], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    await ready(server);
    return async () => {
      server.kill();
      await once(server, "exit");
    };
  },
  async receive(address, connections, onReading) {
    const open: NatsConnection[] = [];
    while (open.length < connections) open.push(await connect({ servers: address }));
    open[0]?.subscribe("echo", {
      callback: (_, message) => {
        message.respond(JSON.stringify(message.json<Reading>()));
      },
    });
    for (const connection of open) {
      connection.subscribe("readings.*", {
        callback: (_, message) => {
          message.json<Reading>();
          onReading();
        },
      });
      await connection.flush();
    }
  },
  async send(address) {
    const connection = await connect({ servers: address });
    return {
      request: async (reading) =>
        (await connection.request("echo", JSON.stringify(reading))).json<Reading>(),
      publish: (reading) => {
        connection.publish("readings.one", JSON.stringify(reading));
        return undefined;
      },
      flush: () => connection.flush(),
    };
  },
};

async function ready(server: ChildProcess): Promise<void> {
  let said = "";
  for await (const chunk of server.stderr ?? []) {
    said += String(chunk);
    if (said.includes("Server is ready")) break;
  }
  if (!said.includes("Server is ready")) throw new Error(`Cannot start nats-server: ${said}`);
}
