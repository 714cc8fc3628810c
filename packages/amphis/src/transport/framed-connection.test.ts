import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

import { encodeFrame, type Frame, FrameDecoder } from "@amphis/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";

import { DuplexChannel } from "./duplex-channel.ts";
import { FramedConnection } from "./framed-connection.ts";
import type { ConnectionOptions } from "./transport.ts";

let server: Server;
let raw: Socket;
let near: Socket;

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  near = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  [raw] = (await once(server, "connection")) as [Socket];
});
afterEach(() => {
  near.destroy();
  raw.destroy();
  server.close();
});

function open(options: ConnectionOptions = {}): FramedConnection {
  const peer = { transport: "tcp", address: "tcp://peer:1" };
  return new FramedConnection(new DuplexChannel(near, near, peer), options);
}

function event(bytes: number): Uint8Array {
  return encodeFrame({ kind: "event", body: new Uint8Array(bytes) });
}

/** Frames that the raw side gets, until there are as many. */
function rawFrames(count: number): Promise<Frame[]> {
  const decoder = new FrameDecoder();
  const frames: Frame[] = [];
  return new Promise((resolve) => {
    raw.on("data", (chunk: Uint8Array) => {
      frames.push(...decoder.feed(chunk));
      if (frames.length >= count) resolve(frames);
    });
  });
}

test("a ping is answered with its body, and neither goes to the receiver", async () => {
  const connection = open();
  const received: Frame[] = [];
  connection.receive((frame) => void received.push(frame));
  const answers = rawFrames(2);
  raw.write(encodeFrame({ kind: "ping", body: Uint8Array.of(1, 2, 3) }));
  raw.write(encodeFrame({ kind: "pong", body: Uint8Array.of(4) }));
  raw.write(event(1));
  await connection.send({ kind: "event", body: Uint8Array.of(9) });
  const frames = await answers;
  expect(frames.map(({ kind, body }) => [kind, ...body])).toContainEqual(["pong", 1, 2, 3]);
  raw.end();
  await connection.closed;
  expect(received.map(({ kind }) => kind)).toEqual(["event"]);
});

test("a receiver that takes long does not make its peer give up", async () => {
  const connection = open({ heartbeatMs: 40 });
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  connection.receive(() => held);
  const signs = rawFrames(5);
  raw.write(event(1));
  raw.write(event(1));
  const kinds = (await signs).map(({ kind }) => kind);
  expect(kinds).toContain("pong");
  expect(connection.state.kind).toBe("open");
  release();
  await connection.close();
});

test("limits that were agreed on hold for the next frame in both directions", async () => {
  const connection = open();
  const received: number[] = [];
  connection.receive((frame) => {
    received.push(frame.body.length);
    if (received.length === 1) connection.agree({ maxFrameBytes: 100 });
  });
  raw.write(Buffer.concat([event(1_000), event(76), event(77)]));
  await expect(connection.closed).resolves.toMatchObject({
    kind: "failed",
    error: { code: "FRAME_TOO_LARGE", context: { limit: 100, actual: 101 } },
  });
  expect(received).toEqual([1_000, 76]);
});

test("a sender is held to the agreed limits too", async () => {
  const connection = open();
  connection.agree({ maxFrameBytes: 100 });
  expect(connection.limits).toEqual({ maxFrameBytes: 100, versions: [1, 1] });
  await expect(connection.send({ kind: "event", body: new Uint8Array(77) })).rejects.toMatchObject({
    code: "FRAME_TOO_LARGE",
  });
  await connection.send({ kind: "event", body: new Uint8Array(76) });
  await connection.close();
});

test("a peer that ends its side still gets what was accepted", async () => {
  const connection = open();
  connection.receive(() => undefined);
  const frames = rawFrames(3);
  for (let i = 0; i < 3; i += 1) {
    await connection.send({ kind: "event", body: new Uint8Array(100_000) });
  }
  raw.end();
  await expect(connection.closed).resolves.toEqual({ kind: "peer" });
  expect(await frames).toHaveLength(3);
});

test("frames before the end of the peer reach a receiver that is busy", async () => {
  const connection = open();
  const received: number[] = [];
  connection.receive(async (frame) => {
    await new Promise((resolve) => void setImmediate(resolve));
    received.push(frame.body.length);
  });
  raw.end(Buffer.concat([event(1), event(2), event(3)]));
  await expect(connection.closed).resolves.toEqual({ kind: "peer" });
  expect(received).toEqual([1, 2, 3]);
});

test("a drain with no receiver drops what comes and ends", async () => {
  const connection = open();
  raw.on("end", () => raw.end()).resume();
  raw.write(Buffer.concat(Array.from({ length: 50 }, () => event(100_000))));
  await expect(connection.drain()).resolves.toEqual({ kind: "local" });
});

test("pings of a peer that never reads do not pile up", async () => {
  const connection = open({ heartbeatMs: 0 });
  let events = 0;
  const done = new Promise<void>((resolve) => {
    connection.receive(() => {
      events += 1;
      if (events === 200) resolve();
    });
  });
  raw.pause();
  const ping = encodeFrame({ kind: "ping", body: new Uint8Array(1_000_000) });
  for (let i = 0; i < 200; i += 1) {
    if (!raw.write(ping)) await once(raw, "drain");
    raw.write(event(1));
  }
  await done;
  const ended = connection.drain();
  const decoder = new FrameDecoder();
  let pongs = 0;
  raw.on("data", (chunk: Uint8Array) => (pongs += decoder.feed(chunk).length));
  raw.on("end", () => raw.end()).resume();
  await expect(ended).resolves.toEqual({ kind: "local" });
  expect(pongs).toBeGreaterThan(0);
  expect(pongs).toBeLessThan(100);
});

test.each([
  [{ maxFrameBytes: 23 }],
  [{ highWaterBytes: -1 }],
  [{ heartbeatMs: Number.NaN }],
  [{ heartbeatMs: 2 ** 31 }],
])("%j is refused", (options) => {
  expect(() => open(options)).toThrow(RangeError);
});
