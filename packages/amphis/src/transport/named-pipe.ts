import { connect, createServer } from "node:net";

import { addressOf, invalidAddress } from "./address.ts";
import { connectSocket } from "./socket-connect.ts";
import { listenSocket } from "./socket-listener.ts";
import type { Transport } from "./transport.ts";

/** Frames over named pipes of Windows, through the same code as sockets. Its default permissions let in the own user and administrators. */
export function namedPipe(): Transport {
  return {
    scheme: "pipe",
    connect: async (address, options) => {
      const path = pipePath(address);
      return connectSocket(
        {
          address,
          ready: "connect",
          open: () => connect({ path, allowHalfOpen: true }),
          identify: () => ({ transport: "pipe", address }),
        },
        options,
      );
    },
    listen: async (address, accept, options) => {
      const path = pipePath(address);
      return listenSocket(
        {
          server: createServer({ allowHalfOpen: true }),
          arrival: "connection",
          where: { path },
          addressOf: () => address,
          identify: () => ({ transport: "pipe", address: "" }),
        },
        accept,
        address,
        options,
      );
    },
  };
}

/** @throws {AmphisError} ADDRESS_INVALID on other platforms, which have no such pipes */
export function pipePath(address: string, platform: NodeJS.Platform = process.platform): string {
  const { name } = addressOf(address, "pipe");
  if (platform !== "win32") {
    throw invalidAddress(address, "only Windows has named pipes: use unix:/path");
  }
  return `\\\\.\\pipe\\${name}`;
}
