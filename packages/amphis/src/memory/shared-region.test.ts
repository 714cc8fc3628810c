import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { nativeCore } from "../native-core.ts";
import { SharedMemory } from "./shared-memory.ts";
import { SharedRegion } from "./shared-region.ts";

const native = await nativeCore();
const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** Shared memory that this process has touched, in bytes. */
function residentShared(): number {
  const kib = /RssShmem:\s+(\d+) kB/u.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return Number(kib) * 1_024;
}

const ignore = (): void => undefined;

if (native.kind === "unavailable") {
  test("memory that processes share", ({ skip }) => skip(native.reason));
} else {
  const { core } = native;

  describe("memory that processes share", () => {
    test("is seen through windows far beyond 4 GiB, and its size costs nothing", () => {
      const before = residentShared();
      const region = SharedRegion.open(core, 1, 64 * GIB, ignore);
      for (const offset of [0, 4 * GIB - 64, 5 * GIB, 64 * GIB - 4_096]) {
        region.reserve(offset, 64);
        const window = region.window(offset, 64);
        window.fill(7);
        expect(region.window(offset, 64)).toEqual(new Uint8Array(64).fill(7));
      }
      expect(residentShared() - before).toBeLessThan(MIB);
      region.close();
    });

    test("gives its pages back a moment after nobody uses them", async () => {
      using memory = await SharedMemory.open({ keepBytes: 0, trimAfterMs: 10 });
      const lease = memory.arena.allocate(32 * MIB);
      lease.bytes.fill(1);
      const used = residentShared();
      lease.release();
      while (memory.arena.stats().residentBytes > 0) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(used - residentShared()).toBeGreaterThan(30 * MIB);
    });

    test("that the system does not give is an error, and no signal", async () => {
      const tooMuch = 2 ** 36 + process.availableMemory();
      using memory = await SharedMemory.open({ maxBytes: 2 ** 41, regionBytes: 2 ** 30 });
      // More than there is: it is refused, where touching it would end some process.
      expect(() => memory.arena.allocate(tooMuch)).toThrow(
        expect.objectContaining({ code: "MEMORY_EXHAUSTED" }) as Error,
      );
      expect(memory.arena.allocate(64).bytes.length).toBe(64);
    });
  });
}
