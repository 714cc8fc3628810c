import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { Pair } from "zeromq";

import { fromPeer, startPython, stopPython } from "./python.ts";
import { MESSAGE_BYTES, type Rival, timed } from "./rival.ts";

/** JSON in lines over standard streams. */
export async function jsonOverStdio(): Promise<Rival> {
  const child = startPython(["json"], ["pipe", "pipe", "inherit"]);
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error("Cannot start: there are no pipes");
  const lines = createInterface({ input: stdout });
  let last = 0;
  const request = async (): Promise<void> => {
    last += 1;
    const answer = once(lines, "line");
    stdin.write(`${JSON.stringify([last, { name: "norm", values: [3, 4.5], ord: 2 }])}\n`);
    JSON.parse(String((await answer)[0]));
  };
  await fromPeer(child, request());
  return {
    pid: child.pid ?? 0,
    roundTrips: (count) => timed(count, request),
    stop: () => stopPython(child),
  };
}

/** ZeroMQ, one pair of sockets. */
export async function zeromq(folder: string): Promise<Rival> {
  const socket = new Pair();
  const address = `ipc://${join(folder, "zeromq.sock")}`;
  await socket.bind(address);
  const child = startPython(["zeromq", address]);
  await fromPeer(child, socket.receive());
  const message = Buffer.alloc(MESSAGE_BYTES, 7);
  return {
    pid: child.pid ?? 0,
    roundTrips: (count) =>
      timed(count, async () => {
        await socket.send(message);
        await socket.receive();
      }),
    stop: async () => {
      socket.close();
      await stopPython(child);
    },
  };
}
