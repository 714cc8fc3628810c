import type { ChildProcess } from "node:child_process";
import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";

import { addressOf } from "./address.ts";
import { connectionSettings } from "./connection-settings.ts";
import { DuplexChannel } from "./duplex-channel.ts";
import { FramedConnection } from "./framed-connection.ts";
import { connectFailed } from "./socket-connect.ts";
import { listenFailed } from "./socket-listener.ts";
import { SoleListener } from "./sole-listener.ts";
import type { Connection, ConnectionOptions, PeerIdentity, Transport } from "./transport.ts";

export interface StdioOptions {
  /** Where frames come from. @default standard input */
  readonly input?: Readable | undefined;
  /** Where frames go. @default standard output */
  readonly output?: Writable | undefined;
}

const ADDRESS = "stdio:";
const PEER: PeerIdentity = { transport: "stdio", address: "" };

/**
 * Frames over this process's standard input and output, to the process that started it.
 *
 * There is one peer and it is there from the start: `connect` gives it, and `listen` hands it to the acceptor, once. From then on the
 * streams belong to the connection, and nothing else may read or write them; `console.error` still works.
 */
export function stdio(streams: StdioOptions = {}): Transport {
  let taken = false;
  const take = (options: ConnectionOptions | undefined): Connection => {
    connectionSettings(options);
    if (taken) throw new Error("the streams are in use already");
    const { input = standard(0, "input"), output = standard(1, "output") } = streams;
    taken = true;
    return new FramedConnection(new DuplexChannel(input, output, PEER), options);
  };
  return {
    scheme: "stdio",
    connect: async (address, options) => {
      addressOf(address, "stdio");
      options?.signal?.throwIfAborted();
      try {
        return take(options);
      } catch (error) {
        if (error instanceof RangeError) throw error;
        throw connectFailed(address, error as Error);
      }
    },
    listen: async (address, accept, options) => {
      addressOf(address, "stdio");
      options?.signal?.throwIfAborted();
      try {
        return new SoleListener(ADDRESS, take(options), accept);
      } catch (error) {
        if (error instanceof RangeError) throw error;
        throw listenFailed(address, error as Error);
      }
    },
  };
}

/**
 * The connection to a program that was started with pipes as standard input and output.
 *
 * It ends when the program does. Ending it closes the pipes, and leaves the program itself to its owner.
 *
 * @throws {AmphisError} CONNECT_FAILED when one of them is no pipe
 */
export function stdioOf(child: ChildProcess, options?: ConnectionOptions): Connection {
  const { stdin, stdout, pid, spawnfile } = child;
  if (stdin === null || stdout === null) {
    const reason = `standard input and output of ${spawnfile} are not both pipes`;
    throw connectFailed(ADDRESS, new Error(reason));
  }
  const address = pid === undefined ? spawnfile : `${spawnfile} (${pid})`;
  const channel = new DuplexChannel(stdout, stdin, { transport: "stdio", address });
  return new FramedConnection(channel, options);
}

/** The descriptor itself: Node's own streams never close it, so the peer would not see the end. */
function standard(descriptor: 0 | 1, name: string): Socket {
  const stat = fstatSync(descriptor);
  if (!stat.isFIFO() && !stat.isSocket()) {
    throw new Error(`standard ${name} is no pipe: start this program from another one`);
  }
  const input = descriptor === 0;
  return new Socket({ fd: descriptor, readable: input, writable: !input });
}
