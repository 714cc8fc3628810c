import { encodeFrame, type Frame } from "@amphis/protocol";
import { describe, expect, onTestFinished, test } from "vitest";

import { DuplexChannel } from "./duplex-channel.ts";
import { FramedConnection } from "./framed-connection.ts";
import type { Connection } from "./transport.ts";
import { createServer, connect, type Socket } from "node:net";
import { once } from "node:events";

/** Both ends of a connection over a socket. */
async function pair(maxFrameBytes?: number): Promise<readonly [Connection, Connection, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  const accepted = once(server, "connection") as Promise<[Socket]>;
  const here = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const [there] = await accepted;
  const over = (socket: Socket): Connection => {
    const channel = new DuplexChannel(socket, socket, { transport: "tcp", address: "" });
    return new FramedConnection(channel, { maxFrameBytes });
  };
  const [left, right] = [over(here), over(there)];
  onTestFinished(async () => {
    await Promise.all([left.close(), right.close()]);
    server.close();
  });
  return [left, right, there];
}

function frameOf(callId: number, bytes = 8): Uint8Array {
  return encodeFrame({ kind: "message", callId, body: new Uint8Array(bytes) });
}

describe("a frame that is encoded already", () => {
  test("arrives in order with others", async () => {
    const [left, right] = await pair();
    const came: Frame[] = [];
    const all = new Promise<void>((resolve) => {
      right.receive((frame) => {
        if (came.push(frame) === 3) resolve();
      });
    });
    expect(left.sendWhole?.(frameOf(1))).toBeUndefined();
    await left.send({ kind: "message", callId: 2, body: new Uint8Array(5_000) });
    expect(left.sendWhole?.(frameOf(3))).toBeUndefined();
    await all;
    expect(came.map(({ callId }) => callId)).toEqual([1, 2, 3]);
  });

  test("is refused beyond the limit, and once the connection is closed", async () => {
    const [left] = await pair(100);
    expect(() => left.sendWhole?.(frameOf(1, 100))).toThrow(
      expect.objectContaining({ code: "FRAME_TOO_LARGE", limit: 100, actual: 124 }) as Error,
    );
    await left.close();
    expect(() => left.sendWhole?.(frameOf(1))).toThrow(
      expect.objectContaining({ code: "CONNECTION_CLOSED" }) as Error,
    );
  });

  test("waits when the peer does not read", async () => {
    const [left, right] = await pair();
    let waiting: Promise<void> | undefined;
    let sent = 0;
    while (waiting === undefined) {
      sent += 1;
      waiting = left.sendWhole?.(frameOf(sent, 0x10_0000));
    }
    let came = 0;
    right.receive(() => void (came += 1));
    await waiting;
    await left.drain();
    expect(came).toBe(sent);
  });
});

describe("a ping", () => {
  test("is answered by a peer that takes no frames yet", async () => {
    const [left] = await pair();
    await Promise.all([left.ping?.(), left.ping?.()]);
    await left.ping?.();
  });

  test("fails with the connection", async () => {
    const [left, , socket] = await pair();
    socket.pause();
    const pings = Promise.allSettled([left.ping?.(), left.ping?.()]);
    await left.close();
    expect(await pings).toMatchObject([
      { reason: { code: "CONNECTION_CLOSED" } },
      { reason: { code: "CONNECTION_CLOSED" } },
    ]);
    await expect(left.ping?.()).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  });
});
