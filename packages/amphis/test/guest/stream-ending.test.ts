import {
  AmphisError,
  Attachment,
  encodeCredit,
  encodeEnd,
  encodeItem,
  type Value,
} from "@amphis/protocol";
import { expect, test } from "vitest";

import { Placement } from "../../src/memory/index.ts";
import { rejection, until } from "../wait.ts";
import { describeGuest } from "./described.ts";
import { Guest } from "./started.ts";
import { allReleased, counted, firstByte } from "./stream-chunks.ts";

const CHUNK = 100_000;

const start = (): Promise<Guest> => Guest.start({ placement: new Placement({ path: "shared" }) });

/** Writes until the stream breaks off; what with. */
async function refusal(guest: Guest, name: string, args: readonly Value[]): Promise<unknown> {
  const { writer, answer } = await guest.stream(name, { args, guestWindow: 2 });
  const refused = await rejection(counted(writer, 1_000, CHUNK));
  await answer;
  return refused;
}

describeGuest("a stream of chunks that breaks off", () => {
  test("brings an error of Node to Python with its type, and drops what waits", async () => {
    const guest = await start();
    const { writer, answer } = await guest.stream("error_of_peer", { guestWindow: 4 });
    await counted(writer, 10, CHUNK);
    await writer.fail(new AmphisError("DEPTH_EXCEEDED", "Cannot go on: too deep", { limit: 3 }));
    const [came, ...error] = (await answer) as Value[];
    expect(came).toBeLessThanOrEqual(10);
    expect(error).toEqual(["DEPTH_EXCEEDED", "Cannot go on: too deep"]);
    const other = await guest.stream("error_of_peer");
    await other.writer.fail(new TypeError("not mine"));
    expect(await other.answer).toEqual([0, "REMOTE_FAILURE", "not mine"]);
    await allReleased(guest);
  });

  test("brings an error of Python to Node with its type, and refuses what is written", async () => {
    const guest = await start();
    const { reader, writer, answer } = await guest.stream("raise_after", { args: [5] });
    const refused = rejection(counted(writer, 1_000, CHUNK));
    const read: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const chunk of reader) read.push(firstByte(chunk));
    };
    await expect(loop()).rejects.toMatchObject({ code: "DECODE_FAILED", offset: 3 });
    expect(read).toEqual([0, 1, 2, 3, 4].slice(0, read.length));
    expect(await refused).toMatchObject({ code: "CHUNK_STREAM_CANCELLED" });
    await expect(answer).rejects.toMatchObject({ code: "DECODE_FAILED" });
    await allReleased(guest);
  });

  test("stops a writer in Python at once when Node leaves the loop", async () => {
    const guest = await start();
    const { reader, answer } = await guest.stream("write_until_refused", { args: [CHUNK] });
    let read = 0;
    for await (const chunk of reader) {
      read += chunk === undefined ? 0 : 1;
      if (read === 5) break;
    }
    const reason = "the consumer stopped reading";
    const [went, ...error] = (await answer) as Value[];
    expect(error).toEqual(["CHUNK_STREAM_CANCELLED", { reason }]);
    expect(went).toBeGreaterThanOrEqual(5);
    await allReleased(guest);
  });

  test("stops a writer in Python with the reason of a signal", async () => {
    const guest = await start();
    const stopping = new AbortController();
    const { reader, answer } = await guest.stream("write_until_refused", {
      args: [CHUNK],
      signal: stopping.signal,
      window: 3,
    });
    await reader.next();
    // The writer has sent what it may, and waits.
    await until(() => guest.memory.arena.stats().leases === 3);
    stopping.abort(new Error("no time"));
    await expect(reader.next()).rejects.toThrow("no time");
    expect(await answer).toEqual([3, "CHUNK_STREAM_CANCELLED", { reason: "no time" }]);
    await allReleased(guest);
  });

  test("stops a writer in Node when Python leaves the loop", async () => {
    const guest = await start();
    expect(await refusal(guest, "leave_after", [3])).toMatchObject({
      code: "CHUNK_STREAM_CANCELLED",
      reason: "the consumer stopped reading",
    });
    await allReleased(guest);
  });

  test("gives everything back when the guest is killed in the middle", async () => {
    const guest = await start();
    const { arena } = guest.memory;
    const { reader, writer, answer } = await guest.stream("die_after", { args: [6] });
    const refused = rejection(counted(writer, 1_000, CHUNK));
    const loop = async (): Promise<void> => {
      for await (const chunk of reader) firstByte(chunk);
    };
    await expect(loop()).rejects.toMatchObject({ code: "PEER_LOST" });
    expect(await refused).toMatchObject({ code: expect.stringMatching(/PEER_LOST|CLOSED/) });
    await expect(answer).rejects.toMatchObject({ code: "PEER_LOST" });
    await until(() => arena.stats().leases === 0);
    expect(guest.memory.figures()).toMatchObject({ guests: [], arena: { usedBytes: 0 } });
  });

  test("gives everything back when the connection is closed in the middle", async () => {
    const guest = await start();
    const { arena } = guest.memory;
    const { reader, writer } = await guest.stream("echo_copies");
    const refused = rejection(counted(writer, 1_000, CHUNK));
    for (let at = 0; at < 5; at += 1) await reader.next();
    await guest.connection.close();
    expect(await refused).toMatchObject({ code: expect.stringMatching(/PEER_LOST|CLOSED/) });
    await expect(reader.next()).rejects.toMatchObject({ code: "PEER_LOST" });
    await until(() => arena.stats().leases === 0);
  });
});

describeGuest("Node, with a guest that breaks the rules of a stream", () => {
  test("breaks off by a chunk too many, and keeps nothing", async () => {
    const guest = await start();
    const stream = { args: [20, 3 * CHUNK], window: 3 };
    const { reader, answer } = await guest.stream("write_without_credit", stream);
    const first = await reader.next();
    expect(first.done).toBe(false);
    const [went, code] = (await answer) as Value[];
    expect(went).toBeGreaterThanOrEqual(4);
    expect(code).toBe("CHUNK_STREAM_CANCELLED");
    await expect(reader.next()).rejects.toMatchObject({ code: "CHUNK_STREAM_OVERRUN", window: 3 });
    await allReleased(guest);
  });

  test("breaks off by chunks that nobody asked for, and keeps nothing", async () => {
    const guest = await start();
    const { reader, answer } = await guest.stream("write_without_credit", { args: [9, CHUNK] });
    expect(((await answer) as Value[])[1]).toBe("CHUNK_STREAM_CANCELLED");
    await expect(reader.next()).rejects.toMatchObject({ code: "CHUNK_STREAM_OVERRUN" });
    await allReleased(guest);
  });
});

describeGuest("Python, with a host that breaks the rules of a stream", () => {
  /** Sends a chunk of its own making. */
  async function chunk(guest: Guest, callId: number, sequence: number, count = 1): Promise<void> {
    const carried = Array.from({ length: count }, () => guest.carrier.carry(new Uint8Array(CHUNK)));
    const body = encodeItem({ sequence, value: new Attachment(0, "bytes") });
    const attachments = carried.map(({ attachment }) => attachment);
    await guest.connection.send({ kind: "item", callId, body, attachments });
  }

  const cases: readonly (readonly [
    string,
    string,
    (guest: Guest, callId: number) => Promise<void>,
  ])[] = [
    ["a gap", "SEQUENCE_BROKEN", (guest, callId) => chunk(guest, callId, 1)],
    ["two attachments", "BODY_INVALID", (guest, callId) => chunk(guest, callId, 0, 2)],
    ["no attachment", "BODY_INVALID", (guest, callId) => chunk(guest, callId, 0, 0)],
    [
      "an end that counts wrong",
      "SEQUENCE_BROKEN",
      (guest, callId) =>
        guest.connection.send({ kind: "end", callId, body: encodeEnd({ sequence: 2 }) }),
    ],
    [
      "an item that is no value",
      "DECODE_FAILED",
      (guest, callId) => guest.connection.send({ kind: "item", callId, body: Uint8Array.of(0xc1) }),
    ],
  ];

  test.each(cases)("breaks off by %s, and keeps nothing", async (_, code, act) => {
    const guest = await start();
    const { callId, answer, writer } = await guest.stream("error_of_peer", { guestWindow: 3 });
    await act(guest, callId);
    expect(((await answer) as Value[]).slice(0, 2)).toEqual([0, code]);
    // It told so, and did not only stop.
    await expect(writer.write(new Uint8Array(1))).rejects.toMatchObject({
      code: "CHUNK_STREAM_CANCELLED",
    });
    await allReleased(guest);
  });

  test("breaks off by a chunk too many, and keeps nothing", async () => {
    const guest = await start();
    const { callId, answer, reader } = await guest.stream("error_behind_write", { guestWindow: 3 });
    // One in its hand, two that may wait, and one beyond; two more for a stream that is over.
    for (let at = 0; at < 6; at += 1) await chunk(guest, callId, at);
    for await (const one of reader) expect(firstByte(one)).toBe(1);
    expect(await answer).toEqual([1, "CHUNK_STREAM_OVERRUN"]);
    await allReleased(guest);
  });

  test("lets go of chunks for a stream that is none", async () => {
    const guest = await start();
    for (let at = 0; at < 4; at += 1) await chunk(guest, 999, at);
    await guest.connection.send({ kind: "credit", callId: 999, body: encodeCredit({ count: 1 }) });
    expect(await guest.call("process")).toBe(guest.process.pid);
    await allReleased(guest);
  });
});
