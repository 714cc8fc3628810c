import { expect, test } from "vitest";

import { type Carried, type LeasedBytes, Placement, SharedMemory } from "../../src/memory/index.ts";
import { until } from "../wait.ts";
import { describeGuest } from "./described.ts";
import { Guest, type GuestOptions } from "./started.ts";
import { allReleased, counted, firstByte } from "./stream-chunks.ts";

const CHUNK = 262_144;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** All chunks in shared memory, so that figures of the arena count them. */
const start = (options: GuestOptions = {}): Promise<Guest> =>
  Guest.start({ placement: new Placement({ path: "shared" }), ...options });

const highWaterChunks = ({ memory }: Guest): number => memory.arena.stats().highWaterBytes / CHUNK;

describeGuest("memory of a stream of chunks", () => {
  test.each([1, 2, 5])("is bounded by a window of %i while Node writes faster", async (window) => {
    const guest = await start();
    const { writer, answer } = await guest.stream("lengths", { guestWindow: window });
    await counted(writer, 60, CHUNK);
    await writer.end();
    expect(await answer).toHaveLength(120);
    // Besides the window, one that the loop in Python still names.
    expect(highWaterChunks(guest)).toBeLessThanOrEqual(window + 1);
    await allReleased(guest);
  });

  test.each([1, 2, 5])("is bounded by a window of %i while Node reads slowly", async (window) => {
    const guest = await start();
    const { reader } = await guest.stream("count", { args: [40, CHUNK], window });
    let at = 0;
    for await (const chunk of reader) {
      expect(firstByte(chunk)).toBe(at);
      at += 1;
      // The guest has time to write whatever it may.
      for (let turns = 0; turns < 20; turns += 1) await turn();
    }
    expect(at).toBe(40);
    expect(highWaterChunks(guest)).toBeLessThanOrEqual(window);
    await allReleased(guest);
  });

  test("is filled by a writer up to the window, and not beyond, while nobody reads on", async () => {
    const guest = await start();
    const { arena } = guest.memory;
    const { reader } = await guest.stream("count", { args: [40, CHUNK], window: 4 });
    expect((await reader.next()).done).toBe(false);
    await until(() => arena.stats().leases === 4);
    for (let turns = 0; turns < 100; turns += 1) await turn();
    expect(arena.stats()).toMatchObject({ leases: 4, usedBytes: 4 * CHUNK });
    reader.cancel();
    await allReleased(guest);
  });

  test("is the same few pieces, however long a stream is", async () => {
    const guest = await start();
    const { arena } = guest.memory;
    const { reader, writer, answer } = await guest.stream("echo_copies", {
      window: 3,
      guestWindow: 3,
    });
    const written = counted(writer, 400, CHUNK).then(() => writer.end());
    let warmBytes = 0;
    let at = 0;
    for await (const chunk of reader) {
      expect(firstByte(chunk)).toBe(at % 256);
      at += 1;
      if (at === 100) warmBytes = arena.stats().residentBytes;
    }
    await Promise.all([written, answer]);
    expect(at).toBe(400);
    const { regions, residentBytes } = arena.stats();
    expect([regions, residentBytes]).toEqual([1, warmBytes]);
    expect(highWaterChunks(guest)).toBeLessThanOrEqual(3 + 1 + 3);
    await allReleased(guest);
  });

  test("is lent until the next chunk is asked for, and longer where it is retained", async () => {
    const guest = await start();
    const { reader } = await guest.stream("count", { args: [5, CHUNK], window: 2 });
    const chunks: Carried[] = [];
    for await (const chunk of reader) {
      chunks.push(chunk);
      if (chunks.length === 2) reader.retain(chunk);
      if (chunks.length !== 3) continue;
      expect(() => reader.retain(chunks[1] as Carried)).toThrow(RangeError);
    }
    const [first, second, third] = chunks as LeasedBytes[];
    expect(() => first?.bytes).toThrow(expect.objectContaining({ code: "LEASE_RELEASED" }));
    expect(() => third?.bytes).toThrow(expect.objectContaining({ code: "LEASE_RELEASED" }));
    expect(second?.bytes.every((byte) => byte === 1)).toBe(true);
    second?.release();
    await allReleased(guest);
  });

  test("stays with Python as long as something shows it", async () => {
    const guest = await start();
    const { writer, answer } = await guest.stream("keep_all", { guestWindow: 2 });
    await counted(writer, 20, CHUNK);
    await writer.end();
    expect(await answer).toEqual(Array.from({ length: 20 }, (_, at) => at));
    expect(highWaterChunks(guest)).toBe(20);
    await allReleased(guest);
  });

  test("of the connection travels as it is", async () => {
    const guest = await start();
    const { arena } = guest.memory;
    const { writer, answer } = await guest.stream("lengths");
    for (let at = 0; at < 3; at += 1) {
      using lease = arena.allocate(CHUNK);
      lease.bytes.fill(at);
      await writer.write(lease);
    }
    await writer.end();
    expect(await answer).toEqual([CHUNK, 0, CHUNK, 1, CHUNK, 2]);
    expect(guest.carrier.placement.figures()).toMatchObject({ inline: 0, shared: 0 });
    await allReleased(guest);
  });

  test("of another connection is copied", async () => {
    const guest = await start();
    using other = await SharedMemory.open();
    using lease = other.arena.allocate(CHUNK);
    lease.bytes.fill(9);
    const { writer, answer } = await guest.stream("lengths");
    await writer.write(lease);
    await writer.end();
    expect(await answer).toEqual([CHUNK, 9]);
    await allReleased(guest);
  });
});
