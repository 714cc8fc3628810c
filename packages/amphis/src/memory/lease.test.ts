import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { describe, expect, onTestFinished, test } from "vitest";

import { memoryLost, type MemoryLost } from "../telemetry/index.ts";
import { Arena } from "./arena.ts";
import type { Lease } from "./lease.ts";
import type { Region } from "./region.ts";

/** A region whose windows have buffers of their own, as mapped memory may; what was written is kept when a window is taken back. */
class SeparateWindows implements Region {
  readonly id: number;
  readonly bytes: number;
  readonly canRevoke = true;

  constructor(id: number, bytes: number) {
    this.id = id;
    this.bytes = bytes;
  }

  window(_offset: number, length: number): Uint8Array {
    return new Uint8Array(length);
  }

  revoke(buffer: ArrayBufferLike): void {
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
  }

  write(): void {}
  reserve(): void {}
  punch(): void {}

  close(): void {}
}

const released = expect.objectContaining({ code: "LEASE_RELEASED" });

test("a lease is returned once when released twice", () => {
  const arena = new Arena();
  const lease = arena.allocate(100);
  lease.release();
  lease.release();
  lease[Symbol.dispose]();
  expect(arena.stats()).toMatchObject({ leases: 0, holders: [{ leases: 0, usedBytes: 0 }] });
  const next = [arena.allocate(100), arena.allocate(100)];
  expect(arena.stats()).toMatchObject({ leases: 2 });
  expect(next[0]?.offset).not.toBe(next[1]?.offset);
});

test("a late release does not return what somebody else has by now", async () => {
  const arena = new Arena();
  const first = arena.allocate(100);
  arena.releaseAll(0);
  const second = arena.allocate(100);
  expect(second.offset).toBe(first.offset);
  first.release();
  await first[Symbol.asyncDispose]();
  expect(second.isReleased).toBe(false);
  expect(arena.stats().leases).toBe(1);
});

test("a released lease gives no bytes", () => {
  const lease = new Arena().allocate(64);
  const { checked } = lease;
  checked.write(Uint8Array.of(1, 2, 3));
  expect(checked.at(1)).toBe(2);
  expect(checked.read(0, 2)).toEqual(Uint8Array.of(1, 2));
  lease.release();
  expect(() => lease.bytes).toThrow(released);
  expect(() => checked.at(0)).toThrow(released);
  expect(() => checked.write(Uint8Array.of(1))).toThrow(released);
  expect(() => lease.retain()).toThrow(released);
  expect(() => lease.publish()).toThrow(released);
});

test("a view is emptied where the platform can take it back", () => {
  const arena = new Arena({ open: (id, bytes) => new SeparateWindows(id, bytes) });
  const [own, dead] = [arena.allocate(64), arena.allocate(64, { holder: 2 })];
  const views = [own.bytes, dead.bytes];
  own.release();
  arena.releaseAll(2);
  expect(views.map(({ length }) => length)).toEqual([0, 0]);
});

test("memory goes back when its last share is released", () => {
  const arena = new Arena();
  const first = arena.allocate(64);
  const second = first.retain(4);
  expect(second.generation).toBe(first.generation);
  first.release();
  second.bytes.fill(9);
  expect(arena.stats().leases).toBe(1);
  second.release();
  expect(arena.stats().leases).toBe(0);
});

test("every use of memory has a generation of its own", () => {
  const arena = new Arena();
  const generations = Array.from({ length: 100 }, () => {
    using lease = arena.allocate(64);
    return lease.generation;
  });
  expect(new Set(generations).size).toBe(100);
});

test("bytes that are written lie where they were put, and nowhere else", () => {
  const lease = new Arena().allocate(8);
  lease.bytes.fill(9);
  lease.write(Uint8Array.of(1, 2), 3);
  lease.write(new Uint8Array(0), 8);
  lease.write(Uint8Array.of(5));
  expect([...lease.bytes]).toEqual([5, 9, 9, 1, 2, 9, 9, 9]);
});

test.each([
  ["more than there is room for", 7],
  ["in front of it", -1],
  ["between two bytes", 0.5],
])("bytes are refused that would lie %s", (_, byteOffset) => {
  const lease = new Arena().allocate(8);
  expect(() => lease.write(Uint8Array.of(1, 2), byteOffset)).toThrow(RangeError);
  lease.release();
  expect(() => lease.write(Uint8Array.of(1))).toThrow(released);
});

test("a refusal names where the lease was allocated when that is traced", () => {
  const lease = new Arena({ trace: true }).allocate(64);
  lease.release();
  expect(() => lease.bytes).toThrow(/lease\.test\.ts/);
});

describe("a lease that is forgotten", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;

  const allocateAndForget = (arena: Arena): void => {
    arena.allocate(4_096).bytes.fill(1);
  };

  test("comes back, and it is told where it was allocated", async () => {
    let tell: (message: string) => void = () => undefined;
    const told = new Promise<string>((resolve) => (tell = resolve));
    const arena = new Arena({ trace: true, onLost: (message) => tell(message) });
    const events: MemoryLost[] = [];
    const hear = (event: MemoryLost): void => void events.push(event);
    memoryLost.subscribe(hear);
    onTestFinished(() => void memoryLost.unsubscribe(hear));
    allocateAndForget(arena);
    await new Promise(setImmediate);
    collect();
    expect(await told).toMatch(
      /^A lease of 4096 bytes was collected before it was released; allocated .*lease\.test\.ts/,
    );
    expect(arena.stats()).toMatchObject({ leases: 0, lostLeases: 1 });
    expect(events).toEqual([
      { byteLength: 4_096, allocated: expect.stringMatching(/lease\.test\.ts/) },
    ]);
  });

  test("keeps its memory while its view is alive", async () => {
    const arena = new Arena({ onLost: () => undefined });
    const view = ((): Uint8Array => arena.allocate(64).bytes)();
    // The other one shows that the collector has told of what it found.
    allocateAndForget(arena);
    while (arena.stats().lostLeases === 0) {
      await new Promise(setImmediate);
      collect();
    }
    expect(arena.stats().leases).toBe(1);
    expect(view.length).toBe(64);
  });

  test("is not told of where it is left to the collector", async () => {
    const messages: string[] = [];
    const arena = new Arena({ onLost: (message) => messages.push(message) });
    const first = arena.allocate(64);
    const forget = (lease: Lease): unknown => lease.retain(3, true).bytes;
    forget(first);
    while (arena.stats().holders.some(({ holder, leases }) => holder === 3 && leases > 0)) {
      await new Promise(setImmediate);
      collect();
    }
    expect(messages).toEqual([]);
    expect(arena.stats()).toMatchObject({ leases: 1, lostLeases: 0 });
    first.release();
    expect(arena.stats().leases).toBe(0);
  });

  test("is not told of once it was released", async () => {
    const messages: string[] = [];
    const arena = new Arena({ onLost: (message) => messages.push(message) });
    const release = (lease: Lease): void => lease.release();
    for (let count = 0; count < 10; count += 1) release(arena.allocate(64));
    const dead = (): void => void arena.allocate(64, { holder: 3 });
    dead();
    arena.releaseAll(3);
    allocateAndForget(arena);
    while (messages.length === 0) {
      await new Promise(setImmediate);
      collect();
    }
    expect(arena.stats()).toMatchObject({ leases: 0, lostLeases: 1 });
  });
});

test("a window shows a part, and ends with the lease as all of it does", () => {
  const arena = new Arena({ open: (id, bytes) => new SeparateWindows(id, bytes) });
  const lease = arena.allocate(1_000);
  const parts = [lease.window(0, 64), lease.window(900, 100), lease.bytes];
  expect(parts.map(({ length }) => length)).toEqual([64, 100, 1_000]);
  for (const [offset, length] of [
    [-1, 1],
    [0, 1_001],
    [1_000, 1],
    [0.5, 1],
    [0, -1],
    [Number.NaN, 1],
  ] as const) {
    expect(() => lease.window(offset, length)).toThrow(RangeError);
  }
  expect(lease.window(1_000, 0).length).toBe(0);
  lease.release();
  expect(parts.map(({ length }) => length)).toEqual([0, 0, 0]);
  expect(() => lease.window(0, 1)).toThrow(released);
});
