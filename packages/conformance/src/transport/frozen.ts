import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type NetConnectOpts } from "node:net";
import type { Duplex } from "node:stream";

import type { FrozenPeer } from "./pair.ts";

const FROZEN = `
  const socket = require("node:net").connect(JSON.parse(process.argv[1]));
  socket.on("connect", () => process.stdout.write("connected"));
  socket.on("error", () => undefined);
`;

/** What `TransportPair.raw` is for transports over plain sockets. */
export async function connectRaw(options: NetConnectOpts): Promise<Duplex> {
  const socket = connect(options);
  await once(socket, "connect");
  return socket;
}

/** What `TransportPair.freeze` is for transports over plain sockets. */
export function connectFrozen(options: NetConnectOpts): Promise<FrozenPeer> {
  return runFrozen(FROZEN, JSON.stringify(options));
}

/** Runs a program that connects and then writes a word; SIGSTOP stops it at that. */
export async function runFrozen(program: string, ...args: readonly string[]): Promise<FrozenPeer> {
  const child = spawn(process.execPath, ["-e", program, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), exited]);
  child.kill("SIGSTOP");
  return {
    close: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
