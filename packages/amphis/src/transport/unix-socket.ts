import { connect, createServer } from "node:net";

import { processIdentifier } from "./peer-process.ts";
import { RetryLine } from "./retry-line.ts";
import { connectSocket } from "./socket-connect.ts";
import { listenOnPath, socketPath } from "./socket-file.ts";
import type { ServerPlan } from "./socket-listener.ts";
import type { PeerIdentity, Transport } from "./transport.ts";

export interface UnixSocketOptions {
  /** Takes `unix:@name` too, which every process of the machine may connect to and listen on. @default false */
  readonly allowAbstract?: boolean | undefined;
}

/** A peer that connected has no address of its own. */
const ANYBODY: PeerIdentity = { transport: "unix", address: "" };

/** Frames over sockets in the file system, which only the own user may connect to (mode 0600). */
export function unixSocket(options: UnixSocketOptions = {}): Transport {
  const { allowAbstract = false } = options;
  const retries = new RetryLine();
  return {
    scheme: "unix",
    connect: async (address, options) => {
      const path = socketPath(address, "unix", allowAbstract);
      const processOf = await processIdentifier();
      return connectSocket(
        {
          address,
          ready: "connect",
          retries,
          open: () => connect({ path, allowHalfOpen: true }),
          identify: (socket) => identityOf(address, processOf(socket)),
        },
        options,
      );
    },
    listen: async (address, accept, options) => {
      const path = socketPath(address, "unix", allowAbstract);
      const processOf = await processIdentifier();
      const plan = (): ServerPlan => ({
        server: createServer({ allowHalfOpen: true }),
        arrival: "connection",
        where: { path },
        addressOf: () => address,
        identify: (socket) => identityOf("", processOf(socket)),
      });
      return listenOnPath({ address, path, plan }, accept, options);
    },
  };
}

function identityOf(address: string, process: PeerIdentity["process"]): PeerIdentity {
  if (process !== undefined) return { transport: "unix", address, process };
  return address === "" ? ANYBODY : { transport: "unix", address };
}
