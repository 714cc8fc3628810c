import { tableFromArrays } from "@uwdata/flechette";
import { expect, test } from "vitest";

import {
  ArrowTable,
  empty,
  LeasedBytes,
  Placement,
  Tensor,
  tensor,
} from "../../src/memory/index.ts";
import { describeGuest } from "./described.ts";
import { type Answer, Guest } from "./started.ts";

const upTo = (count: number): Float64Array => Float64Array.from({ length: count }, (_, at) => at);

function asTensor(answer: Answer): Tensor {
  if (answer instanceof Tensor) return answer;
  throw new TypeError(`Cannot take answer: it is no tensor: ${String(answer)}`);
}

const always = (path: "inline" | "shared"): Placement => new Placement({ path });

describeGuest("values between Node and Python", () => {
  test("an array in shared memory is read and written by Python in place", async () => {
    const guest = await Guest.start();
    const { arena } = guest.memory;
    using numbers = empty([1_000], { arena });
    (numbers.view() as Float64Array).set(upTo(1_000));
    expect(await guest.call("total", numbers)).toBe(499_500);
    await guest.call("double", numbers);
    expect(numbers.at(999)).toBe(1_998);
    expect(arena.stats().leases).toBe(1);
    expect(guest.carrier.placement.figures()).toMatchObject({ inline: 0, shared: 0 });
  });

  test("what Python let go of goes back, and what it keeps stays", async () => {
    const guest = await Guest.start();
    const { arena } = guest.memory;
    const numbers = empty([1_000], { arena });
    await guest.call("keep", numbers);
    numbers.release();
    expect(arena.stats().leases).toBe(1);
    expect(await guest.call("drop")).toBe(1);
    // Releases come before the next answer, in order.
    expect(await guest.call("process")).toBe(guest.process.pid);
    expect(arena.stats().leases).toBe(0);
  });

  test("an ordinary array arrives as it was, whichever way it goes", async () => {
    for (const path of ["inline", "shared"] as const) {
      const guest = await Guest.start({ placement: always(path) });
      const numbers = tensor(upTo(10_000));
      expect(await guest.call("total", numbers)).toBe(49_995_000);
      using back = asTensor(await guest.call("echo", numbers));
      expect(back.view()).toEqual(upTo(10_000));
      expect(guest.carrier.placement.figures()).toMatchObject({ [path]: 2, fallbacks: 0 });
    }
  });

  test("a read-only array is read-only on the other side, whichever way it goes", async () => {
    for (const path of ["inline", "shared"] as const) {
      const guest = await Guest.start({ placement: always(path) });
      const numbers = tensor(upTo(10_000));
      const fixed = numbers.asReadOnly();
      await expect(guest.call("double", fixed)).rejects.toThrow("read-only");
      using back = asTensor(await guest.call("echo", fixed));
      expect(back.isReadOnly).toBe(true);
      expect(back.readView()).toEqual(upTo(10_000));
    }
    const guest = await Guest.start();
    using placed = empty([1_000], { arena: guest.memory.arena });
    (placed.view() as Float64Array).set(upTo(1_000));
    await expect(guest.call("double", placed.asReadOnly())).rejects.toThrow("read-only");
    expect(placed.at(999)).toBe(999);
    using back = asTensor(await guest.call("echo", placed.asReadOnly()));
    expect(back.isReadOnly).toBe(true);
    using writable = asTensor(await guest.call("echo", placed));
    expect(writable.isReadOnly).toBe(false);
  });

  test("an array that Python made in shared memory comes without a copy, with its own layout", async () => {
    const guest = await Guest.start();
    using numbers = asTensor(await guest.call("counted", 5_000));
    expect(numbers.memory).toBeInstanceOf(LeasedBytes);
    expect(numbers.view()).toEqual(upTo(5_000));
    using every = asTensor(await guest.call("part", 100, 10, 5));
    expect([every.shape, every.strides, every.byteOffset]).toEqual([[18], [40], 80]);
    expect([...every.elements()]).toEqual(Array.from({ length: 18 }, (_, at) => 10 + 5 * at));
    using back = asTensor(await guest.call("part", 100, 50, -25));
    expect(back.toNested()).toEqual([50, 25, 0]);
    using columns = asTensor(await guest.call("columns", 4));
    expect(columns.isFortranContiguous).toBe(true);
    expect(columns.toNested()).toEqual([
      [0, 0, 0, 0],
      [1, 1, 1, 1],
      [2, 2, 2, 2],
    ]);
    expect(await guest.call("total", columns)).toBe(12);
  });

  test("what Node got is its own: it outlives the guest, and goes back when it is released", async () => {
    const guest = await Guest.start();
    const numbers = asTensor(await guest.call("counted", 5_000));
    const view = numbers.view();
    guest.process.kill("SIGKILL");
    await guest.connection.closed;
    expect(view).toEqual(upTo(5_000));
    expect(guest.memory.figures()).toMatchObject({ guests: [], arena: { leases: 1 } });
    numbers.release();
    expect(view.length).toBe(0);
    expect(guest.memory.arena.stats().leases).toBe(0);
  });

  test("a lease of a guest that dies goes back at once", async () => {
    const guest = await Guest.start();
    using kept = empty([1_000], { arena: guest.memory.arena });
    await guest.call("keep", kept);
    kept.release();
    using counted = asTensor(await guest.call("counted", 10_000));
    await guest.call("keep", counted);
    await expect(guest.call("die")).rejects.toMatchObject({ code: "PEER_LOST" });
    const { arena, guests } = guest.memory.figures();
    expect(guests).toEqual([]);
    // Nobody but this process has anything: the array that it got back.
    expect(arena.holders).toMatchObject([
      { holder: 0, leases: 1 },
      { holder: 1, leases: 0 },
    ]);
  });

  test("tables travel both ways, and bytes", async () => {
    const guest = await Guest.start({ placement: always("shared") });
    const table = tableFromArrays({ a: Int32Array.of(1, 2, 3), b: ["x", "y", "z"] });
    expect(await guest.call("frame_sum", table)).toBe(6);
    const made = await guest.call("table", 1_000);
    if (!(made instanceof ArrowTable)) throw new TypeError("it is no table");
    expect(made.numRows).toBe(1_000);
    expect(made.at(999)).toEqual({ a: 999n, b: "row 999" });
    const bytes = new Uint8Array(100_000).fill(7);
    const echoed = (await guest.call("echo", bytes)) as LeasedBytes;
    expect(echoed.bytes).toEqual(bytes);
    echoed.release();
  });

  test("memory that is refused does not stop a call", async () => {
    const full = await Guest.start({ maxBytes: 65_536, waitMs: 0 });
    const numbers = tensor(upTo(50_000));
    expect(await full.call("total", numbers)).toBe(1_249_975_000);
    expect(full.carrier.placement.figures().failures.exhausted).toBe(1);
    const ordinary = asTensor(await full.call("ordinary", 50_000));
    expect(ordinary.view()).toEqual(upTo(50_000));
    const counted = asTensor(await full.call("counted", 50_000));
    expect(counted.view()).toEqual(upTo(50_000));
    expect(full.memory.figures().guests).toMatchObject([{ refused: 3 }]);
    const none = await Guest.start({ quotaBytes: 0 });
    expect(asTensor(await none.call("counted", 5_000)).view()).toEqual(upTo(5_000));
    expect(none.memory.figures().guests).toMatchObject([{ lent: 0 }]);
  });

  test("a guest that waits for room gets it when some is let go", async () => {
    const guest = await Guest.start({
      maxBytes: 1_048_576,
      regionBytes: 1_048_576,
      waitMs: 10_000,
    });
    const { arena } = guest.memory;
    const held = arena.allocate(1_000_000);
    const called = guest.call("counted", 100_000);
    while (arena.stats().waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    held.release();
    using numbers = asTensor(await called);
    expect(numbers.memory).toBeInstanceOf(LeasedBytes);
  });
});
