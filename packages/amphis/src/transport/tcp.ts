import { type AddressInfo, connect, createServer, type Socket } from "node:net";

import { addressOf, formatAddress } from "./address.ts";
import { connectSocket } from "./socket-connect.ts";
import { listenSocket } from "./socket-listener.ts";
import type { PeerIdentity, Transport } from "./transport.ts";

/** Frames over TCP: no secrecy, and nobody proves who they are. For one machine or a network that is trusted; else `tls`. */
export function tcp(): Transport {
  return {
    scheme: "tcp",
    connect: async (address, options) => {
      const { host, port } = addressOf(address, "tcp");
      return connectSocket(
        {
          address,
          ready: "connect",
          open: () => connect({ host, port, noDelay: true, allowHalfOpen: true }),
          identify: () => ({ transport: "tcp", address }),
        },
        options,
      );
    },
    listen: async (address, accept, options) => {
      const { host, port } = addressOf(address, "tcp");
      return listenSocket(
        {
          server: createServer({ noDelay: true, allowHalfOpen: true }),
          arrival: "connection",
          where: { host, port },
          addressOf: (bound) =>
            formatAddress({ scheme: "tcp", host, port: (bound as AddressInfo).port }),
          identify: (socket) => identifyRemote("tcp", socket),
        },
        accept,
        address,
        options,
      );
    },
  };
}

/** The other end of a socket that was accepted. */
export function identifyRemote(scheme: "tcp" | "tls", socket: Socket): PeerIdentity {
  const { remoteAddress: host, remotePort: port } = socket;
  // A peer that is gone already has no address any more.
  if (host === undefined || port === undefined) return { transport: scheme, address: "" };
  return { transport: scheme, address: formatAddress({ scheme, host, port }) };
}
