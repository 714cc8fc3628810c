import { join } from "node:path";

import { type Connection, sharedMemory } from "amphis/transport";

import { fromPeer, startPython, stopPython } from "./python.ts";
import { MESSAGE_BYTES, pipelined, type Rival, timed } from "./rival.ts";

/** Frames over a connection of `amphis/transport`, to the channel of `amphis` in Python: handshake aside, the whole transport. */
export async function frames(folder: string, spinUs: number): Promise<Rival> {
  const address = `shm:${join(folder, `frames-${spinUs}.sock`)}`;
  let accept: (connection: Connection) => void = () => undefined;
  const accepted = new Promise<Connection>((resolve) => {
    accept = resolve;
  });
  const transport = sharedMemory({ spinMs: spinUs / 1_000 });
  const listener = await transport.listen(address, (each) => accept(each));
  const child = startPython(["channel", address, spinUs]);
  const connection = await fromPeer(child, accepted);
  const waiting: (() => void)[] = [];
  connection.receive(() => waiting.shift()?.());
  const body = new Uint8Array(MESSAGE_BYTES - 24).fill(7);
  const send = (answered: () => void): void => {
    waiting.push(answered);
    void connection.send({ kind: "call", callId: 1, body });
  };
  return {
    pid: child.pid ?? 0,
    roundTrips: (count) => timed(count, () => new Promise(send)),
    perSecond: (count, inFlight) => pipelined(count, inFlight, send),
    stop: async () => {
      await connection.close();
      await listener.close();
      await stopPython(child);
    },
  };
}

/** The same, blocking for each answer. */
export async function blockingFrames(folder: string, spinUs: number): Promise<Rival> {
  const address = `shm:${join(folder, `blocking-${spinUs}.sock`)}`;
  let accept: (connection: Connection) => void = () => undefined;
  const accepted = new Promise<Connection>((resolve) => {
    accept = resolve;
  });
  const transport = sharedMemory({ spinMs: spinUs / 1_000 });
  const listener = await transport.listen(address, (each) => accept(each));
  const child = startPython(["channel", address, spinUs]);
  const connection = await fromPeer(child, accepted);
  const inbox = { answers: 0 };
  connection.receive(() => {
    inbox.answers += 1;
  });
  const body = new Uint8Array(MESSAGE_BYTES - 24).fill(7);
  return {
    pid: child.pid ?? 0,
    roundTrips: async (count) => {
      const samples = new Float64Array(count);
      for (let at = 0; at < count; at += 1) {
        const start = process.hrtime.bigint();
        const wanted = inbox.answers + 1;
        void connection.send({ kind: "call", callId: 1, body });
        while (inbox.answers < wanted) connection.pump?.(1_000);
        samples[at] = Number(process.hrtime.bigint() - start);
      }
      return samples;
    },
    stop: async () => {
      await connection.close();
      await listener.close();
      await stopPython(child);
    },
  };
}
