import { tableFromArrays } from "@uwdata/flechette";
import { expect, test } from "vitest";

import {
  ArrowTable,
  type Carried,
  type ChunkReader,
  LeasedBytes,
  Placement,
  Tensor,
  tensor,
  type TensorMemory,
} from "../../src/memory/index.ts";
import { describeGuest } from "./described.ts";
import { Guest } from "./started.ts";
import { allReleased, counted, firstByte } from "./stream-chunks.ts";

async function firsts(reader: ChunkReader): Promise<number[]> {
  const numbers: number[] = [];
  for await (const chunk of reader) numbers.push(firstByte(chunk));
  return numbers;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

describeGuest("chunks between Node and Python", () => {
  test("come to Python whole and in order, in shared memory and inline", async () => {
    for (const path of ["shared", "inline"] as const) {
      const guest = await Guest.start({ placement: new Placement({ path }) });
      const { reader, writer, answer } = await guest.stream("lengths", { guestWindow: 3 });
      for (let at = 0; at < 40; at += 1) await writer.write(new Uint8Array(5_000 + at).fill(at));
      await writer.end();
      expect(await answer).toEqual(upTo(40).flatMap((at) => [5_000 + at, at]));
      expect((await reader.next()).done).toBe(true);
      expect(guest.carrier.placement.figures()).toMatchObject({ [path]: 40, fallbacks: 0 });
      await allReleased(guest);
    }
  });

  test("come to Node whole and in order", async () => {
    const guest = await Guest.start();
    const { reader, answer } = await guest.stream("count", { args: [100, 100_000], window: 3 });
    const numbers: number[] = [];
    for await (const chunk of reader) {
      expect(chunk).toBeInstanceOf(LeasedBytes);
      const { bytes } = chunk as LeasedBytes;
      expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
      numbers.push(bytes.length, firstByte(chunk));
    }
    expect(numbers).toEqual(upTo(100).flatMap((at) => [100_000, at]));
    expect(await answer).toBe(100);
    await allReleased(guest);
  });

  test("come and go in one thread of Python, in both directions at once", async () => {
    for (const name of ["echo", "echo_copies"]) {
      const guest = await Guest.start();
      const { reader, writer, answer } = await guest.stream(name, { window: 2, guestWindow: 3 });
      const written = counted(writer, 60, 100_000).then(() => writer.end());
      expect(await firsts(reader)).toEqual(upTo(60));
      await written;
      expect(await answer).toBe("done");
      await allReleased(guest);
    }
  });

  test("come and go in two threads of Python, neither waiting for the other", async () => {
    const guest = await Guest.start();
    const stream = await guest.stream("both", { args: [200, 100_000], window: 2, guestWindow: 2 });
    const written = counted(stream.writer, 100, 100_000).then(() => stream.writer.end());
    expect(await firsts(stream.reader)).toEqual(upTo(200));
    await written;
    expect(await stream.answer).toBe(4_950);
    await allReleased(guest);
  });

  test("of several calls do not mix", async () => {
    const guest = await Guest.start();
    const first = await guest.stream("count", { args: [20, 100_000] });
    const second = await guest.stream("count", { args: [30, 2_000] });
    // The guest has one thread, and takes the second call when the first has ended.
    expect(await firsts(first.reader)).toEqual(upTo(20));
    expect(await firsts(second.reader)).toEqual(upTo(30));
    expect([await first.answer, await second.answer]).toEqual([20, 30]);
    await allReleased(guest);
  });

  test("may be arrays, tables and bytes in turn", async () => {
    const guest = await Guest.start();
    const { reader, writer, answer } = await guest.stream("echo");
    const numbers = Float64Array.from({ length: 1_000 }, (_, at) => at);
    const table = tableFromArrays({ a: Int32Array.of(1, 2, 3), b: ["x", "y", "z"] });
    const written = (async () => {
      await writer.write(tensor(numbers));
      await writer.write(table);
      await writer.write(new Uint8Array(0));
      await writer.end();
    })();
    const kinds: unknown[] = [];
    for await (const chunk of reader) {
      if (chunk instanceof Tensor) kinds.push([...chunk.elements()]);
      else if (chunk instanceof ArrowTable) kinds.push(chunk.at(2));
      else kinds.push(chunk.bytes.length);
    }
    await written;
    expect(kinds).toEqual([[...numbers], { a: 3, b: "z" }, 0]);
    expect(await answer).toBe("done");
    await allReleased(guest);
  });

  test("are cut from one large value, or put together from small pieces", async () => {
    const guest = await Guest.start();
    const whole = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251);
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < whole.length; at += 7_000) yield whole.subarray(at, at + 7_000);
    }
    for (const source of [whole, pieces()]) {
      const { reader, writer } = await guest.stream("echo");
      const written = writer.writeBytes(source, { chunkBytes: 65_536 }).then(() => writer.end());
      const parts: Buffer[] = [];
      for await (const chunk of reader) parts.push(Buffer.from((chunk as TensorMemory).bytes));
      await written;
      expect(parts.map(({ length }) => length)).toEqual([65_536, 65_536, 65_536, 65_536, 37_856]);
      expect(Buffer.concat(parts).equals(whole)).toBe(true);
    }
    await allReleased(guest);
  });

  test("go inline where memory is refused, and nothing else changes", async () => {
    const full = await Guest.start({
      placement: new Placement({ path: "shared" }),
      maxBytes: 65_536,
      regionBytes: 65_536,
      waitMs: 0,
    });
    const { reader, writer, answer } = await full.stream("echo_copies", { guestWindow: 4 });
    const written = counted(writer, 30, 100_000).then(() => writer.end());
    const chunks: Carried[] = [];
    for await (const chunk of reader) chunks.push(reader.retain(chunk));
    await written;
    expect(chunks.map((chunk) => firstByte(chunk))).toEqual(upTo(30));
    expect(chunks.some((chunk) => chunk instanceof LeasedBytes)).toBe(false);
    expect(await answer).toBe("done");
    expect(full.carrier.placement.figures().fallbacks).toBe(30);
    const [guest] = full.memory.figures().guests;
    expect(guest?.lent).toBe(0);
    // Python asks no more after three refusals, but for a trial now and then.
    expect(guest?.refused).toBeGreaterThanOrEqual(3);
    expect(guest?.refused).toBeLessThan(30);
    await allReleased(full);
  });

  test("go on behind a value of Python that cannot travel", async () => {
    const guest = await Guest.start();
    const { reader, answer } = await guest.stream("unwritable");
    const texts: string[] = [];
    for await (const chunk of reader) {
      texts.push(Buffer.from((chunk as TensorMemory).bytes).toString());
    }
    expect(texts).toEqual(["before", "after"]);
    expect(await answer).toBe("done");
  });
});
