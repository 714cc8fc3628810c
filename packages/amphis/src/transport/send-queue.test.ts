import { Duplex } from "node:stream";

import { encodeFrame, FrameDecoder } from "@amphis/protocol";
import { afterEach, expect, test, vi } from "vitest";

import { DuplexChannel } from "./duplex-channel.ts";
import { FramedConnection } from "./framed-connection.ts";
import type { ConnectionOptions } from "./transport.ts";

afterEach(() => void vi.useRealTimers());

interface Written {
  readonly connection: FramedConnection;
  readonly stream: Duplex;
  /** Call ids of the frames in each write. */
  readonly writes: readonly (readonly number[])[];
}

/** A connection over a stream that is always ready to be written. */
function open(options: ConnectionOptions = {}): Written {
  const decoder = new FrameDecoder();
  const writes: number[][] = [];
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Uint8Array, _, done) => {
      writes.push(decoder.feed(chunk).map(({ callId }) => callId));
      done();
    },
  });
  const channel = new DuplexChannel(stream, stream, { transport: "test", address: "" });
  return { connection: new FramedConnection(channel, options), stream, writes };
}

async function send(connection: FramedConnection, ...callIds: number[]): Promise<void> {
  for (const callId of callIds) {
    await connection.send({ kind: "event", callId, body: new Uint8Array(76) });
  }
}

async function microtasks(): Promise<void> {
  for (let count = 0; count < 10; count += 1) await Promise.resolve();
}

function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

test("frames that are sent in one go are one write, at the end of the microtask", async () => {
  const { connection, writes } = open();
  const sent = [1, 2, 3].map((callId) => send(connection, callId));
  expect(writes).toEqual([]);
  await Promise.all(sent);
  await microtasks();
  expect(writes).toEqual([[1, 2, 3]]);
});

test("a frame that finds the line idle waits for no other, in any turn", async () => {
  const { connection, writes } = open();
  for (const callId of [1, 2, 3]) {
    await send(connection, callId);
    await microtasks();
    expect(writes).toHaveLength(callId);
    await turn();
  }
});

test("frames behind one that has just left are one write at the end of the turn", async () => {
  const { connection, writes } = open();
  for (const callId of [1, 2, 3, 4]) {
    await send(connection, callId);
    await microtasks();
  }
  expect(writes).toEqual([[1]]);
  expect(connection.queuedBytes).toBe(300);
  await turn();
  expect(writes).toEqual([[1], [2, 3, 4]]);
  expect(connection.queuedBytes).toBe(0);
});

test("nothing is gathered when batches are off", async () => {
  const { connection, writes } = open({ batch: "off" });
  for (const callId of [1, 2, 3]) {
    await send(connection, callId);
    await microtasks();
  }
  expect(writes).toEqual([[1], [2], [3]]);
});

test("what is gathered leaves when it has so many bytes", async () => {
  const { connection, writes } = open({ batch: { bytes: 300, delayMs: 60_000 } });
  await send(connection, 1);
  await microtasks();
  await send(connection, 2, 3);
  await microtasks();
  expect(writes).toEqual([[1]]);
  await send(connection, 4);
  await microtasks();
  expect(writes).toEqual([[1], [2, 3, 4]]);
});

test("a delay counts from the first frame that is gathered", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { connection, writes } = open({ batch: { delayMs: 20 } });
  await send(connection, 1);
  await microtasks();
  await send(connection, 2);
  await turn();
  vi.advanceTimersByTime(10);
  await send(connection, 3);
  await turn();
  expect(writes).toEqual([[1]]);
  vi.advanceTimersByTime(10);
  expect(writes).toEqual([[1], [2, 3]]);
  await send(connection, 4);
  await microtasks();
  expect(writes).toEqual([[1], [2, 3], [4]]);
});

test("drain sends what is gathered at once", async () => {
  const { connection, stream, writes } = open({ batch: { delayMs: 60_000 } });
  await send(connection, 1);
  await microtasks();
  await send(connection, 2, 3);
  const drained = connection.drain();
  stream.push(null);
  expect(await drained).toEqual({ kind: "local" });
  expect(writes).toEqual([[1], [2, 3]]);
});

test("close drops what is gathered, and its timer", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { connection, writes } = open({ batch: { delayMs: 20 } });
  await send(connection, 1);
  await microtasks();
  await send(connection, 2);
  expect(vi.getTimerCount()).toBe(1);
  await connection.close();
  expect(vi.getTimerCount()).toBe(0);
  expect(writes).toEqual([[1]]);
});

test("a sender that waits to be accepted does not wait for others", async () => {
  const { connection, writes } = open({ highWaterBytes: 0, batch: { delayMs: 60_000 } });
  await send(connection, 1, 2, 3, 4);
  expect(writes.flat().slice(0, 3)).toEqual([1, 2, 3]);
  await connection.close();
});

test("a sign of life is not gathered, and takes along what is", async () => {
  const { connection, stream, writes } = open({ batch: { delayMs: 60_000 } });
  connection.receive(() => undefined);
  await send(connection, 1);
  await microtasks();
  await send(connection, 2);
  stream.push(encodeFrame({ kind: "ping", callId: 9, body: Uint8Array.of(1) }));
  await turn();
  expect(writes).toEqual([[1], [0, 2]]);
  await connection.close();
});

test.each([
  [{ bytes: 0 }, RangeError],
  [{ bytes: 1.5 }, RangeError],
  [{ delayMs: -1 }, RangeError],
  [{ delayMs: 2 ** 31 }, RangeError],
  ["on", TypeError],
  [null, TypeError],
])("batch %j is refused", (batch, error) => {
  expect(() => open({ batch: batch as never })).toThrow(error);
});
