import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";

import { Packr } from "msgpackr";

import { fromPeer, startPython, stopPython } from "./python.ts";
import { MESSAGE_BYTES, pipelined, type Rival, timed } from "./rival.ts";

interface Connected {
  readonly socket: Socket;
  readonly pid: number;
  stop(): Promise<void>;
}

async function connected(kind: string, folder: string): Promise<Connected> {
  const path = join(folder, `${kind}.sock`);
  const server = createServer().listen(path);
  await once(server, "listening");
  const child = startPython([kind, path]);
  const [socket] = (await fromPeer(child, once(server, "connection"))) as [Socket];
  return {
    socket,
    pid: child.pid ?? 0,
    stop: async () => {
      socket.destroy();
      server.close();
      await stopPython(child);
    },
  };
}

/** Bytes over a Unix socket, to a thread that gives them back. */
export async function echo(folder: string): Promise<Rival> {
  const { socket, pid, stop } = await connected("echo", folder);
  const message = Buffer.alloc(MESSAGE_BYTES, 7);
  let missing = 0;
  let arrived: () => void = () => undefined;
  socket.on("data", (chunk) => {
    missing -= chunk.length;
    if (missing === 0) arrived();
  });
  const request = (): Promise<void> =>
    new Promise((resolve) => {
      missing = MESSAGE_BYTES;
      arrived = resolve;
      socket.write(message);
    });
  return { pid, stop, roundTrips: (count) => timed(count, request) };
}

/** What one would write by hand: a length and MessagePack, calls joined to their answers by number. */
export async function baseline(folder: string): Promise<Rival> {
  const { socket, pid, stop } = await connected("baseline", folder);
  const packr = new Packr({ useRecords: false });
  const waiting = new Map<number, () => void>();
  const args = { name: "norm", values: [3, 4.5], ord: 2 };
  let pending: Buffer = Buffer.alloc(0);
  let last = 0;
  socket.on("data", (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let at = 0;
    while (pending.length - at >= 4) {
      const end = at + 4 + pending.readUInt32LE(at);
      if (pending.length < end) break;
      const [id] = packr.unpack(pending.subarray(at + 4, end)) as [number, unknown];
      at = end;
      const answered = waiting.get(id);
      waiting.delete(id);
      answered?.();
    }
    pending = pending.subarray(at);
  });
  const send = (answered: () => void): void => {
    last += 1;
    waiting.set(last, answered);
    const body = packr.pack([last, args]);
    const frame = Buffer.allocUnsafe(4 + body.length);
    frame.writeUInt32LE(body.length, 0);
    body.copy(frame, 4);
    socket.write(frame);
  };
  return {
    pid,
    stop,
    roundTrips: (count) => timed(count, () => new Promise(send)),
    // Writes of one turn of the event loop leave together, as a careful program has it.
    perSecond: (count, inFlight) =>
      pipelined(count, inFlight, (answered) => {
        socket.cork();
        send(answered);
        process.nextTick(() => socket.uncork());
      }),
  };
}
