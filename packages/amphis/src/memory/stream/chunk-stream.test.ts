import {
  AmphisError,
  Attachment,
  encodeCredit,
  encodeEnd,
  encodeErrorBody,
  encodeFrame,
  encodeItem,
  type Frame,
  FrameDecoder,
  type FrameInit,
  type Value,
} from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { rejection, until } from "../../../test/wait.ts";
import { Arena } from "../arena.ts";
import { Carrier } from "../carrier.ts";
import type { Lease } from "../lease.ts";
import type { TensorMemory } from "../tensor.ts";
import { ChunkReader, type ChunkReaderInit } from "./chunk-reader.ts";
import { ChunkWriter } from "./chunk-writer.ts";

const CALL = 7;
const carrier = new Carrier();

/** Bytes on the wire, as frames again. */
function received(init: FrameInit): Frame {
  const [frame] = new FrameDecoder().feed(encodeFrame(init));
  if (frame === undefined) throw new Error("it is no whole frame");
  return frame;
}

/** A writer and a reader that hear of each other in a later turn, through bytes. */
function linked(options: Partial<ChunkReaderInit> = {}): {
  writer: ChunkWriter;
  reader: ChunkReader;
  sent: Frame[];
} {
  const sent: Frame[] = [];
  const deliver = async (init: FrameInit, to: () => ChunkReader | ChunkWriter): Promise<void> => {
    const frame = received(init);
    sent.push(frame);
    setImmediate(() => to().take(frame));
  };
  const base = { callId: CALL, carrier };
  const writer = new ChunkWriter({ ...base, send: (frame) => deliver(frame, () => reader) });
  const reader = new ChunkReader({
    ...base,
    ...options,
    send: (frame) => deliver(frame, () => writer),
  });
  return { writer, reader, sent };
}

const bytes = (number: number): Uint8Array => new Uint8Array(16).fill(number);
const first = (chunk: unknown): number => (chunk as TensorMemory).bytes[0] as number;

async function collected(reader: ChunkReader): Promise<number[]> {
  const numbers: number[] = [];
  for await (const chunk of reader) numbers.push(first(chunk));
  return numbers;
}

function frame(kind: "item" | "end" | "error" | "credit" | "cancel", body: Uint8Array): Frame {
  return received({ kind, callId: CALL, body });
}

function item(sequence: number, value: Value = new Attachment(0, "bytes"), count = 1): Frame {
  const attachments = Array.from({ length: count }, () => ({
    kind: "inline" as const,
    data: bytes(sequence),
  }));
  return received({
    kind: "item",
    callId: CALL,
    body: encodeItem({ sequence, value }),
    attachments,
  });
}

/** A reader whose consumer waits for a chunk, and what it says to its peer. */
function reading(options: Partial<ChunkReaderInit> = {}): {
  reader: ChunkReader;
  next: ReturnType<ChunkReader["next"]>;
  said: FrameInit[];
} {
  const said: FrameInit[] = [];
  const send = async (init: FrameInit): Promise<void> => void said.push(init);
  const reader = new ChunkReader({ callId: CALL, carrier, send, window: 2, ...options });
  return { reader, next: reader.next(), said };
}

describe("a stream of chunks", () => {
  test.each([1, 2, 3, 8])("brings all in order with a window of %i", async (window) => {
    const { writer, reader } = linked({ window });
    const numbers = Array.from({ length: 50 }, (_, at) => at);
    const written = (async () => {
      for (const number of numbers) await writer.write(bytes(number));
      await writer.end();
    })();
    expect(await collected(reader)).toEqual(numbers);
    await written;
  });

  test("sends nothing before the consumer asks, and no more than it gave credit for", async () => {
    const { writer, reader, sent } = linked({ window: 3 });
    const written = Promise.all([...Array(10).keys()].map((number) => writer.write(bytes(number))));
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toEqual([]);
    expect(first((await reader.next()).value)).toBe(0);
    await until(() => sent.filter(({ kind }) => kind === "item").length === 3);
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent.map(({ kind }) => kind)).toEqual(["credit", "item", "item", "item"]);
    const ended = writer.end();
    expect(await collected(reader)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await Promise.all([written, ended]);
  });

  test("may be empty", async () => {
    const { writer, reader } = linked();
    await writer.end();
    expect(await collected(reader)).toEqual([]);
    expect(await reader.next()).toEqual({ value: undefined, done: true });
  });

  test("leaves a buffer to its owner when the write resolves", async () => {
    const held: FrameInit[] = [];
    const send = async (init: FrameInit): Promise<void> => void held.push(init);
    const writer = new ChunkWriter({ callId: CALL, carrier, send });
    writer.take(frame("credit", encodeCredit({ count: 1 })));
    const buffer = bytes(1);
    await writer.write(buffer);
    buffer.fill(2);
    expect(held[0]?.attachments?.[0]?.data[0]).toBe(1);
  });

  test("cuts bytes into chunks", async () => {
    const { writer, reader } = linked({ window: 2 });
    const whole = Uint8Array.from({ length: 100 }, (_, at) => at);
    const written = writer.writeBytes(whole, { chunkBytes: 33 }).then(() => writer.end());
    const parts: number[] = [];
    for await (const chunk of reader) parts.push(...(chunk as TensorMemory).bytes);
    await written;
    expect(parts).toEqual([...whole]);
    await expect(writer.writeBytes(whole, { chunkBytes: 0 })).rejects.toThrow(RangeError);
  });

  test("closes what its bytes come from when the reader wants no more", async () => {
    const { writer, reader } = linked({ window: 2 });
    let isClosed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield bytes(1);
      } finally {
        isClosed = true;
      }
    }
    const refused = rejection(writer.writeBytes(source(), { chunkBytes: 40 }));
    for await (const chunk of reader) if (first(chunk) === 1) break;
    expect(await refused).toMatchObject({ code: "CHUNK_STREAM_CANCELLED" });
    expect(isClosed).toBe(true);
  });

  test("goes on behind a value that cannot travel", async () => {
    const { writer, reader } = linked({ window: 1 });
    using arena = new Arena();
    const lease: Lease = arena.allocate(16);
    lease.release();
    const written = [
      writer.write(bytes(1)),
      rejection(writer.write(lease)),
      writer.write(bytes(2)),
    ];
    const ended = writer.end();
    expect(await collected(reader)).toEqual([1, 2]);
    expect(await written[1]).toMatchObject({ code: "LEASE_RELEASED" });
    await Promise.all([...written, ended]);
  });

  test("goes on behind a write that gave up, and its end too", async () => {
    const { writer, reader } = linked({ window: 1 });
    const giving = new AbortController();
    const reason = new Error("enough");
    const given = rejection(writer.write(bytes(1), { signal: giving.signal }));
    const written = writer.write(bytes(2));
    giving.abort(reason);
    expect(await given).toBe(reason);
    const ended = writer.end();
    expect(await collected(reader)).toEqual([2]);
    await Promise.all([written, ended]);
    const late = writer.write(bytes(3), { signal: giving.signal });
    await expect(late).rejects.toBe(reason);
  });

  test("takes nothing after its end", async () => {
    const { writer } = linked();
    await writer.end();
    const ended = { code: "CHUNK_STREAM_ENDED" };
    await expect(writer.write(bytes(1))).rejects.toMatchObject(ended);
    await expect(writer.end()).rejects.toMatchObject(ended);
    await writer.fail(new Error("too late"));
  });

  test("is read by one consumer at a time", async () => {
    const { reader, next } = reading();
    await expect(reader.next()).rejects.toThrow(TypeError);
    reader.take(item(0));
    expect(first((await next).value)).toBe(0);
  });

  test("does not take an impossible window", () => {
    for (const window of [0, -1, 1.5, Number.NaN, 2 ** 31]) {
      expect(() => linked({ window })).toThrow(RangeError);
    }
  });

  test("knows its own frames", () => {
    const { reader } = reading();
    const { writer } = linked();
    const credit = frame("credit", encodeCredit({ count: 1 }));
    expect([reader.take(credit), writer.take(credit)]).toEqual([false, true]);
    expect([reader.take({ ...credit, callId: 8 }), writer.take({ ...credit, callId: 8 })]).toEqual([
      false,
      false,
    ]);
    expect([reader.take(item(0)), writer.take(item(0))]).toEqual([true, false]);
  });
});

describe("a stream of chunks that breaks off", () => {
  test("brings the writer's error with its type, and drops what waits", async () => {
    const { writer, reader, sent } = linked({ window: 4 });
    const went = [1, 2, 3, 4].map((number) => writer.write(bytes(number)));
    const refused = [5, 6].map((number) => rejection(writer.write(bytes(number))));
    expect(first((await reader.next()).value)).toBe(1);
    await Promise.all(went);
    const error = new AmphisError("DEPTH_EXCEEDED", "Cannot go on", { limit: 3 });
    await writer.fail(error);
    expect(await Promise.all(refused)).toEqual([error, error]);
    await until(() => sent.at(-1)?.kind === "error");
    await new Promise((resolve) => setImmediate(resolve));
    await expect(reader.next()).rejects.toMatchObject({ code: "DEPTH_EXCEEDED", limit: 3 });
    expect(await reader.next()).toEqual({ value: undefined, done: true });
    await expect(writer.write(bytes(7))).rejects.toBe(error);
  });

  test.each(["break", "throw"] as const)("cancels the writer at once by %s", async (way) => {
    const { writer, reader } = linked({ window: 2 });
    const writes = [1, 2, 3, 4].map((number) => writer.write(bytes(number)));
    const refused = rejection(writes[3] as Promise<void>);
    const loop = async (): Promise<void> => {
      for await (const chunk of reader) {
        if (first(chunk) !== 2) continue;
        if (way === "throw") throw new Error("mine");
        break;
      }
    };
    if (way === "throw") await expect(loop()).rejects.toThrow("mine");
    else await loop();
    expect(await refused).toMatchObject({
      code: "CHUNK_STREAM_CANCELLED",
      reason: "the consumer stopped reading",
    });
    await expect(writer.end()).rejects.toMatchObject({ code: "CHUNK_STREAM_CANCELLED" });
    expect(await reader.next()).toEqual({ value: undefined, done: true });
  });

  test("ends with the reason of a signal, and tells the writer", async () => {
    const stopping = new AbortController();
    const { writer, reader } = linked({ window: 1, signal: stopping.signal });
    await Promise.all([writer.write(bytes(1)), reader.next()]);
    const refused = rejection(writer.write(bytes(2)).then(() => writer.write(bytes(3))));
    const awaited = reader.next().then(() => reader.next());
    await until(() => stopping.signal.aborted || stopping.abort(new Error("stop")) === undefined);
    await expect(awaited).rejects.toThrow("stop");
    expect(await refused).toMatchObject({ code: "CHUNK_STREAM_CANCELLED", reason: "stop" });
    expect(() => linked({ signal: stopping.signal })).toThrow("stop");
  });

  test("tells a consumer that waits when it is cancelled beside it", async () => {
    const { reader, next, said } = reading();
    reader.cancel("no need");
    reader.cancel("again");
    expect(await next).toEqual({ value: undefined, done: true });
    expect(said.map(({ kind }) => kind)).toEqual(["credit", "cancel"]);
  });

  test("ends both sides with the error of the connection", async () => {
    const { writer, reader } = linked({ window: 1 });
    const gone = new Error("gone");
    const writes = [rejection(writer.write(bytes(1))), rejection(writer.end())];
    const next = rejection(reader.next());
    writer.close(gone);
    reader.close(gone);
    expect(await Promise.all([...writes, next])).toEqual([gone, gone, gone]);
    await expect(writer.write(bytes(2))).rejects.toBe(gone);
  });

  test("is still read when it came whole before the connection ended", async () => {
    const { reader, next } = reading();
    reader.take(item(0));
    reader.take(item(1));
    reader.take(frame("end", encodeEnd({ sequence: 2 })));
    // That is about the call, and not about a stream that came whole.
    expect(reader.take(frame("error", encodeErrorBody(new Error("late"))))).toBe(false);
    reader.close(new Error("gone"));
    expect(first((await next).value)).toBe(0);
    expect(await collected(reader)).toEqual([1]);
  });

  test("takes its error from a connection that does not send", async () => {
    const refusal = new Error("too large");
    const send = async (init: FrameInit): Promise<void> => {
      if (init.kind === "item") throw refusal;
    };
    const writer = new ChunkWriter({ callId: CALL, carrier, send });
    const writes = [1, 2].map((number) => rejection(writer.write(bytes(number))));
    writer.take(frame("credit", encodeCredit({ count: 1 })));
    expect(await Promise.all(writes)).toEqual([refusal, refusal]);
    const deaf = new ChunkReader({
      callId: CALL,
      carrier,
      send: async () => {
        throw refusal;
      },
    });
    await expect(deaf.next()).rejects.toBe(refusal);
  });
});

describe("a peer that sends what it may not", () => {
  const garbage = Uint8Array.of(0xc1);
  const cases: readonly (readonly [string, readonly Frame[], string])[] = [
    ["a gap", [item(1)], "SEQUENCE_BROKEN"],
    ["a repetition", [item(0), item(0)], "SEQUENCE_BROKEN"],
    ["more than the credit", [item(0), item(1), item(2)], "CHUNK_STREAM_OVERRUN"],
    ["an end that counts more", [frame("end", encodeEnd({ sequence: 1 }))], "SEQUENCE_BROKEN"],
    ["a chunk after the end", [item(0), end(1), item(1)], "CHUNK_STREAM_ENDED"],
    ["a second end", [item(0), end(1), end(1)], "CHUNK_STREAM_ENDED"],
    ["a value that is no attachment", [item(0, 5)], "BODY_INVALID"],
    ["another attachment", [item(0, new Attachment(1, "bytes"), 2)], "BODY_INVALID"],
    ["two attachments", [item(0, new Attachment(0, "bytes"), 2)], "BODY_INVALID"],
    ["no attachment", [item(0, new Attachment(0, "bytes"), 0)], "BODY_INVALID"],
    ["an unknown format", [item(0, new Attachment(0, "pickle"))], "BODY_INVALID"],
    ["a tensor that is none", [item(0, new Attachment(0, "tensor"))], "BODY_INVALID"],
    ["an item that is no value", [frame("item", garbage)], "DECODE_FAILED"],
    ["an end that is no value", [frame("end", garbage)], "DECODE_FAILED"],
    ["an error that is no value", [frame("error", garbage)], "DECODE_FAILED"],
  ];

  test.each(cases)("breaks off by %s", async (_, frames, code) => {
    const { reader, next, said } = reading();
    // What waits is dropped with it, so the chunk in hand is the last one.
    const outcome = next.then((result) => (result.done === true ? undefined : reader.next()));
    const caught = rejection(outcome);
    for (const each of frames) expect(reader.take(each)).toBe(true);
    expect(await caught).toMatchObject({ code });
    expect(said.at(-1)?.kind).toBe("cancel");
    // Whatever else it sends is not even looked at.
    expect(reader.take(frame("item", garbage))).toBe(true);
    expect(await reader.next()).toEqual({ value: undefined, done: true });
  });

  test.each([
    ["credit that is no value", frame("credit", garbage), "DECODE_FAILED"],
    ["no credit", frame("credit", Uint8Array.of(0x91, 0x00)), "BODY_INVALID"],
    ["a cancel without a reason", frame("cancel", Uint8Array.of(0x90)), "BODY_INVALID"],
  ])("breaks a writer off by %s, and hears of it", async (_, bad, code) => {
    const said: FrameInit[] = [];
    const send = async (init: FrameInit): Promise<void> => void said.push(init);
    const writer = new ChunkWriter({ callId: CALL, carrier, send });
    const refused = rejection(writer.write(bytes(1)));
    expect(writer.take(bad)).toBe(true);
    expect(await refused).toMatchObject({ code });
    expect(said.map(({ kind }) => kind)).toEqual(["error"]);
  });

  function end(sequence: number): Frame {
    return frame("end", encodeEnd({ sequence }));
  }
});
