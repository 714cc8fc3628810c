import { createServer } from "node:net";

import {
  connectFrozen,
  connectRaw,
  describeTransport,
  listenRaw,
} from "@amphis/conformance/transport";

import { addressOf } from "./address.ts";
import { tcp } from "./tcp.ts";

function whereOf(address: string): { host: string; port: number } {
  const { host, port } = addressOf(address, "tcp");
  return { host, port };
}

describeTransport("tcp", async () => {
  const transport = tcp();
  return {
    server: transport,
    client: transport,
    address: "tcp://127.0.0.1:0",
    nobody: "tcp://127.0.0.1:1",
    raw: (address) => connectRaw(whereOf(address)),
    listenRaw: () =>
      listenRaw(
        createServer(),
        { host: "127.0.0.1", port: 0 },
        (port) => `tcp://127.0.0.1:${port}`,
      ),
    freeze: (address) => connectFrozen(whereOf(address)),
  };
});
