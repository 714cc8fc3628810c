import { describe, expect, test } from "vitest";

import { isAmphisError } from "@amphis/protocol";

import { FakeClock } from "../../test/fake-clock.ts";
import { Arena } from "./arena.ts";
import type { Lease } from "./lease.ts";
import { heapRegion, type Region } from "./region.ts";

const MIB = 1_048_576;

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return isAmphisError(error) ? error.code : String(error);
  }
}

function placeOf({ arena, offset }: Lease): string {
  return `${arena}:${offset}`;
}

/** Whether the promise is settled after everything that is due now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  void promise.then(settle, settle);
  await new Promise(setImmediate);
  return settled;
}

describe("room", () => {
  test("a full arena refuses with what it was asked for and what is left", () => {
    const arena = new Arena({ regionBytes: MIB, maxBytes: MIB });
    arena.allocate(MIB / 2);
    expect(() => arena.allocate(MIB)).toThrow(
      expect.objectContaining({
        code: "MEMORY_EXHAUSTED",
        requested: MIB,
        available: MIB / 2,
        retryable: true,
      }),
    );
  });

  test("a request of the whole arena has a region of its own size", () => {
    const arena = new Arena({ regionBytes: MIB, maxBytes: 100 * MIB });
    const lease = arena.allocate(100 * MIB);
    expect(lease.bytes.byteLength).toBe(100 * MIB);
    expect(arena.stats()).toMatchObject({ regions: 1, freeBytes: 0 });
  });

  test("idle regions make room for a request that is larger than each of them", () => {
    const arena = new Arena({ regionBytes: MIB, maxBytes: 4 * MIB });
    const leases = [1, 2, 3, 4].map(() => arena.allocate(MIB));
    for (const lease of leases) lease.release();
    expect(arena.stats().regions).toBe(4);
    expect(arena.allocate(4 * MIB).byteLength).toBe(4 * MIB);
    expect(arena.stats()).toMatchObject({ regions: 1, totalBytes: 4 * MIB });
  });

  test("a large free piece of the same class is not lent for more than it has", () => {
    const arena = new Arena({ regionBytes: 41 * MIB, maxBytes: 41 * MIB });
    const smaller = arena.allocate(20 * MIB + 4_096);
    arena.allocate(100_000);
    smaller.release();
    expect(placeOf(arena.allocate(20 * MIB + 8_192))).not.toBe(placeOf(smaller));
    expect(placeOf(arena.allocate(20 * MIB + 4_096))).toBe(placeOf(smaller));
  });

  test("high water is the most that was ever lent", () => {
    const arena = new Arena({ maxBytes: 64 * MIB });
    for (const lease of [arena.allocate(MIB), arena.allocate(2 * MIB)]) lease.release();
    arena.allocate(64);
    expect(arena.stats()).toMatchObject({ highWaterBytes: 3 * MIB, usedBytes: 64 });
  });

  test.each([-1, 1.5, Number.NaN, 2 ** 53])("a size of %s is refused", (bytes) => {
    expect(() => new Arena().allocate(bytes)).toThrow(RangeError);
  });

  test("a closed arena lends nothing and takes its leases back", () => {
    const arena = new Arena();
    const lease = arena.allocate(64);
    arena.close();
    arena.close();
    expect(lease.isReleased).toBe(true);
    expect(codeOf(() => arena.allocate(1))).toBe("ARENA_CLOSED");
  });
});

describe("reuse", () => {
  test.each([
    [65_536, 32],
    [MIB, 4],
    [8 * MIB, 2],
  ])("blocks of %i bytes take %i turns, the one given back first being first", (bytes, turns) => {
    const arena = new Arena({ regionBytes: 64 * MIB });
    const places = Array.from({ length: 3 * turns }, () => {
      const lease = arena.allocate(bytes);
      lease.release();
      return placeOf(lease);
    });
    expect(new Set(places).size).toBe(turns);
    expect(places.slice(turns)).toEqual(places.slice(0, 2 * turns));
  });

  test("a small block that was just given back is used again at once", () => {
    const arena = new Arena();
    const first = arena.allocate(1_000);
    first.release();
    expect(placeOf(arena.allocate(1_000))).toBe(placeOf(first));
  });

  test("resting blocks are lent before the arena refuses", () => {
    const arena = new Arena({ regionBytes: 4 * MIB, maxBytes: 4 * MIB });
    arena.allocate(MIB).release();
    expect(arena.stats().restingBytes).toBe(MIB);
    expect(arena.allocate(4 * MIB).byteLength).toBe(4 * MIB);
  });
});

describe("trim", () => {
  test("pages above the mark go back in as few calls as there are pieces", () => {
    const punched: [number, number][] = [];
    const open = (id: number, bytes: number): Region => {
      const region = heapRegion(id, bytes);
      return Object.assign(region, {
        punch: (offset: number, length: number) => punched.push([offset, length]),
      });
    };
    const arena = new Arena({ open, regionBytes: 16 * MIB, maxBytes: 16 * MIB });
    arena.allocate(4 * MIB).release();
    expect(arena.stats().residentBytes).toBe(4 * MIB);
    expect(arena.trim(MIB)).toBe(3 * MIB);
    expect(punched).toEqual([[MIB, 3 * MIB]]);
    expect(arena.stats().residentBytes).toBe(MIB);
    expect(arena.trim(MIB)).toBe(0);
  });

  test("memory that is lent keeps its bytes", () => {
    const arena = new Arena();
    const [free, lent] = [arena.allocate(MIB), arena.allocate(MIB)];
    lent.bytes.fill(7);
    free.release();
    arena.trim(0);
    expect(lent.bytes.every((byte) => byte === 7)).toBe(true);
  });
});

describe("quota", () => {
  test("a quota of 0 refuses every request", async () => {
    const arena = new Arena({ quotaBytes: 0 });
    expect(codeOf(() => arena.allocate(0))).toBe("MEMORY_QUOTA_EXCEEDED");
    await expect(arena.allocateWhenFree(1)).rejects.toMatchObject({
      code: "MEMORY_QUOTA_EXCEEDED",
      quota: 0,
    });
  });

  test("a holder at its quota is refused and others are not", () => {
    const arena = new Arena({ quotaBytes: MIB });
    arena.allocate(MIB, { holder: 1 });
    expect(codeOf(() => arena.allocate(1, { holder: 1 }))).toBe("MEMORY_QUOTA_EXCEEDED");
    expect(arena.allocate(MIB, { holder: 2 }).holder).toBe(2);
    arena.setQuota(1, 2 * MIB);
    expect(arena.allocate(MIB, { holder: 1 }).byteLength).toBe(MIB);
  });

  test("memory counts for who allocated it until the last share is released", () => {
    const arena = new Arena();
    const first = arena.allocate(64, { holder: 1 });
    const second = first.retain(2);
    expect(arena.releaseAll(1)).toBe(1);
    expect(arena.stats().holders).toContainEqual(
      expect.objectContaining({ holder: 1, leases: 0, usedBytes: 64 }),
    );
    second.release();
    expect(arena.stats().usedBytes).toBe(0);
  });
});

describe("waiting", () => {
  const full = (): { arena: Arena; lease: Lease; clock: FakeClock } => {
    const clock = new FakeClock();
    const arena = new Arena({ regionBytes: 4 * MIB, maxBytes: 4 * MIB, clock });
    return { arena, lease: arena.allocate(4 * MIB), clock };
  };

  test("those who wait are served in the order in which they came", async () => {
    const { arena, lease } = full();
    const served: number[] = [];
    const waits = [3, 1, 2].map(async (mib, at) => {
      const got = await arena.allocateWhenFree(mib * MIB);
      served.push(at);
      return got;
    });
    lease.release();
    const [first] = await Promise.all(waits.slice(0, 2));
    expect(served).toEqual([0, 1]);
    expect(arena.stats().waiting).toBe(1);
    first?.release();
    await waits[2];
    expect(served).toEqual([0, 1, 2]);
  });

  test("a small request does not overtake a large one that waits", async () => {
    const arena = new Arena({ regionBytes: 4 * MIB, maxBytes: 4 * MIB });
    const lease = arena.allocate(3 * MIB);
    const large = arena.allocateWhenFree(2 * MIB);
    const small = arena.allocateWhenFree(64);
    expect(codeOf(() => arena.allocate(64))).toBe("MEMORY_EXHAUSTED");
    expect(await isSettled(small)).toBe(false);
    lease.release();
    expect((await large).byteLength).toBe(2 * MIB);
    expect((await small).byteLength).toBe(64);
  });

  test("one who waits for its own quota stops nobody else", async () => {
    const arena = new Arena({ quotaBytes: MIB });
    const own = arena.allocate(MIB, { holder: 1 });
    const blocked = arena.allocateWhenFree(MIB, { holder: 1 });
    const other = await arena.allocateWhenFree(MIB, { holder: 2 });
    expect(other.holder).toBe(2);
    expect(arena.allocate(MIB, { holder: 3 }).holder).toBe(3);
    expect(await isSettled(blocked)).toBe(false);
    own.release();
    expect((await blocked).holder).toBe(1);
  });

  test("one who gives up lets those behind pass", async () => {
    const arena = new Arena({ regionBytes: 4 * MIB, maxBytes: 4 * MIB });
    arena.allocate(3 * MIB);
    const controller = new AbortController();
    const large = arena.allocateWhenFree(2 * MIB, { signal: controller.signal });
    const small = arena.allocateWhenFree(MIB);
    controller.abort();
    await expect(large).rejects.toMatchObject({ name: "AbortError" });
    expect((await small).byteLength).toBe(MIB);
  });

  test("a wait ends at its deadline", async () => {
    const { arena, clock } = full();
    const wait = arena.allocateWhenFree(MIB, { deadline: 50 });
    clock.turn(49);
    expect(await isSettled(wait)).toBe(false);
    clock.turn(1);
    await expect(wait).rejects.toMatchObject({ code: "MEMORY_EXHAUSTED", requested: MIB });
    expect(clock.pending).toBe(0);
    expect(arena.stats().waiting).toBe(0);
  });

  test("a wait ends with the reason of its signal", async () => {
    const { arena, lease } = full();
    const controller = new AbortController();
    const wait = arena.allocateWhenFree(MIB, { signal: controller.signal });
    const behind = arena.allocateWhenFree(64);
    const reason = new Error("no longer wanted");
    controller.abort(reason);
    await expect(wait).rejects.toBe(reason);
    lease.release();
    expect((await behind).byteLength).toBe(64);
  });

  test("the death of a holder serves those who wait", async () => {
    const arena = new Arena({ regionBytes: 4 * MIB, maxBytes: 4 * MIB });
    arena.allocate(2 * MIB, { holder: 5 });
    arena.allocate(2 * MIB, { holder: 5 });
    const wait = arena.allocateWhenFree(4 * MIB, { holder: 6 });
    expect(arena.releaseAll(5)).toBe(2);
    expect((await wait).holder).toBe(6);
  });

  test("a request that can never fit is refused at once", async () => {
    const { arena } = full();
    await expect(arena.allocateWhenFree(5 * MIB)).rejects.toMatchObject({
      code: "MEMORY_EXHAUSTED",
    });
  });

  test("closing refuses those who wait", async () => {
    const { arena } = full();
    const waits = [2 * MIB, MIB, 64].map((bytes) => arena.allocateWhenFree(bytes));
    arena.close();
    const refused = { status: "rejected", reason: { code: "ARENA_CLOSED" } };
    expect(await Promise.allSettled(waits)).toMatchObject([refused, refused, refused]);
  });
});
