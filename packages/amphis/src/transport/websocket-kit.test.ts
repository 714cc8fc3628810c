import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { Duplex } from "node:stream";

import {
  describeTransport,
  type FrozenPeer,
  listenRaw,
  type RawListener,
  runFrozen,
} from "@amphis/conformance/transport";
import { WebSocket, WebSocketServer } from "ws";

import { connectWebSocket } from "./browser.ts";
import { webSocket } from "./websocket.ts";

async function raw(address: string): Promise<Duplex> {
  const socket = new WebSocket(address, { perMessageDeflate: false });
  const stream = streamOf(socket);
  await once(socket, "open");
  return stream;
}

/** The bytes of the stream as binary messages, and its end as `end`. */
function streamOf(socket: WebSocket): Duplex {
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Uint8Array, _, done) => socket.send(chunk, (error) => done(error)),
    final: (done) => socket.send("end", (error) => done(error)),
    destroy: (error, done) => {
      socket.terminate();
      done(error);
    },
  });
  socket.on("error", (error) => stream.destroy(error));
  socket.on("close", () => stream.destroy());
  socket.on("message", (data, binary) => {
    if (!binary) stream.push(null);
    else if (!stream.push(data)) socket.pause();
  });
  return stream;
}

/** A server that upgrades every request, and hands out the bytes behind it. */
function rawListener(): Promise<RawListener> {
  const server = createServer();
  const upgrades = new WebSocketServer({ server, perMessageDeflate: false });
  upgrades.on("connection", (socket) => server.emit("bytes", streamOf(socket)));
  return listenRaw(
    server,
    { host: "127.0.0.1", port: 0 },
    (port) => `ws://127.0.0.1:${port}/kit`,
    "bytes",
  );
}

const FROZEN = `
  const { WebSocket } = require(process.argv[1]);
  const socket = new WebSocket(process.argv[2]);
  socket.on("open", () => process.stdout.write("connected"));
  socket.on("error", () => undefined);
`;

function freeze(address: string): Promise<FrozenPeer> {
  return runFrozen(FROZEN, createRequire(import.meta.url).resolve("ws"), address);
}

const address = "ws://127.0.0.1:0/kit";
const nobody = "ws://127.0.0.1:1/kit";

describeTransport("WebSocket", async () => {
  const transport = webSocket();
  return {
    server: transport,
    client: transport,
    address,
    nobody,
    raw,
    listenRaw: rawListener,
    freeze,
  };
});

describeTransport("WebSocket of a browser", async () => ({
  server: webSocket(),
  client: {
    connect: (url, options) => connectWebSocket(url, { ...options, WebSocket }),
  },
  address,
  nobody,
  listenRaw: rawListener,
}));
