import type { ChildProcess } from "node:child_process";
import { join } from "node:path";

import { type Connection, sharedMemory } from "amphis/transport";

import { fromPeer, startPython, stopPython } from "./python.ts";
import { MESSAGE_BYTES, pipelined, type Rival, timed } from "./rival.ts";

const BODY = new Uint8Array(MESSAGE_BYTES - 24).fill(7);
const CALL = { kind: "call", callId: 1, body: BODY } as const;

interface Connected {
  readonly connection: Connection;
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

/** A connection of `amphis/transport` to the channel of `amphis` in Python: the whole transport, but for a handshake. */
async function connected(folder: string, spinUs: number): Promise<Connected> {
  const address = `shm:${join(folder, "frames.sock")}`;
  let accept: (connection: Connection) => void = () => undefined;
  const accepted = new Promise<Connection>((resolve) => {
    accept = resolve;
  });
  const transport = sharedMemory({ spinMs: spinUs / 1_000 });
  const listener = await transport.listen(address, (each) => accept(each));
  const child = startPython(["channel", address, spinUs]);
  const connection = await fromPeer(child, accepted);
  const stop = async (): Promise<void> => {
    await connection.close();
    await listener.close();
    await stopPython(child);
  };
  return { connection, child, stop };
}

/** Frames there and back, heard on the event loop. */
export async function frames(folder: string, spinUs: number): Promise<Rival> {
  const { connection, child, stop } = await connected(folder, spinUs);
  const waiting: (() => void)[] = [];
  connection.receive(() => waiting.shift()?.());
  const send = (answered: () => void): void => {
    waiting.push(answered);
    void connection.send(CALL);
  };
  return {
    pid: child.pid ?? 0,
    stop,
    roundTrips: (count) => timed(count, () => new Promise(send)),
    perSecond: (count, inFlight) => pipelined(count, inFlight, send),
  };
}

/** The same, blocking for each answer. */
export async function blockingFrames(folder: string, spinUs: number): Promise<Rival> {
  const { connection, child, stop } = await connected(folder, spinUs);
  const inbox = { answers: 0 };
  connection.receive(() => {
    inbox.answers += 1;
  });
  return {
    pid: child.pid ?? 0,
    stop,
    roundTrips: async (count) => {
      const samples = new Float64Array(count);
      for (let at = 0; at < count; at += 1) {
        const start = process.hrtime.bigint();
        const wanted = inbox.answers + 1;
        void connection.send(CALL);
        while (inbox.answers < wanted) connection.pump?.(1_000);
        samples[at] = Number(process.hrtime.bigint() - start);
      }
      return samples;
    },
  };
}
