import { once } from "node:events";
import type { ListenOptions, Server, Socket } from "node:net";
import type { Duplex } from "node:stream";

import type { RawListener } from "./pair.ts";

/**
 * What `TransportPair.listenRaw` is for transports over plain sockets, and over TLS.
 *
 * The server is bound to `where`; `addressOf` says how a client calls that, given the port if it has one; `arrival` is the event that
 * brings a stream on which bytes can flow.
 */
export async function listenRaw(
  server: Server,
  where: ListenOptions,
  addressOf: (port: number) => string,
  arrival = "connection",
): Promise<RawListener> {
  const arrived: Duplex[] = [];
  const waiting: ((raw: Duplex) => void)[] = [];
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.on(arrival, (raw: Duplex) => {
    const next = waiting.shift();
    if (next === undefined) arrived.push(raw);
    else next(raw);
  });
  server.listen(where);
  await once(server, "listening");
  const bound = server.address();
  const port = bound === null || typeof bound === "string" ? 0 : bound.port;
  return {
    address: addressOf(port),
    next: async () => arrived.shift() ?? new Promise((resolve) => void waiting.push(resolve)),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
