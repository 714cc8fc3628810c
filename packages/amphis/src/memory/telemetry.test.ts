import { encodeReference } from "@amphis/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";

import { recordEvents, type Recorder } from "../telemetry/index.ts";
import { nativeCore } from "../native-core.ts";
import { Arena } from "./arena.ts";
import { Placement } from "./placement.ts";
import { SharedMemory } from "./shared-memory.ts";

let recorder: Recorder;
beforeEach(() => {
  recorder = recordEvents();
});
afterEach(() => recorder[Symbol.dispose]());

test("memory that is asked for and not given is told", () => {
  using arena = new Arena({ maxBytes: 1024 ** 2, quotaBytes: 4096 });
  arena.setQuota(3, 64);
  expect(() => arena.allocate(128, { holder: 3 })).toThrow("holder 3");
  arena.setQuota(0, 1024 ** 3);
  expect(() => arena.allocate(1024 ** 2 * 2)).toThrow("full");
  expect(recorder.of("memoryExhausted")).toEqual([
    {
      code: "MEMORY_QUOTA_EXCEEDED",
      requestedBytes: 128,
      reason: "holder 3 has 0 of 64",
    },
    {
      code: "MEMORY_EXHAUSTED",
      requestedBytes: 1024 ** 2 * 2,
      reason: "the arena is full",
    },
  ]);
});

test("shared memory that is left because it fails, and taken again, is told as a fallback", () => {
  let now = 0;
  const placement = new Placement({ path: "shared", now: () => now });
  const parcel = { kind: "tensor", bytes: 4096 };
  while (recorder.of("fallback").length === 0) placement.failed(new Error("no"));
  now += 3_600_000;
  expect(placement.choose(parcel)).toBe("shared");
  placement.succeeded(parcel, "shared", 1);
  expect(recorder.of("fallback")).toEqual([
    {
      part: "memory",
      wanted: "shared",
      used: "inline",
      reason: "it failed too often, last: other",
    },
    { part: "memory", wanted: "shared", used: "shared", reason: "it works again" },
  ]);
});

test("path that turns out to be faster is told", () => {
  const placement = new Placement({ exploreEvery: 2 });
  const parcel = { kind: "tensor", bytes: 4096 };
  for (let turn = 0; turn < 200 && recorder.of("memoryPath").length === 0; turn += 1) {
    const path = placement.choose(parcel);
    placement.succeeded(parcel, path, path === "shared" ? 0.01 : 10);
  }
  expect(recorder.of("memoryPath")[0]).toMatchObject({
    path: "shared",
    parcel: "tensor",
    bytes: 4096,
  });
});

const native = await nativeCore();

test("shared memory tells when it is opened and closed, and whose references it refuses", async ({
  skip,
}) => {
  if (native.kind === "unavailable") skip(native.reason);
  const memory = await SharedMemory.open({ maxBytes: 2 ** 20 });
  const lease = memory.arena.allocate(4_096);
  const forged = encodeReference({
    arena: 1,
    generation: 1,
    offset: 0,
    byteLength: 64,
    holder: 0,
    expiresAt: 0,
    descriptor: {},
    token: new Uint8Array(32),
  });
  expect(() => memory.link().accept(forged)).toThrow("eference");
  memory.close();
  memory.close();
  lease.release();
  expect(recorder.of("memoryOpen")).toEqual([{ maxBytes: 2 ** 20 }]);
  expect(recorder.of("memoryClose")).toEqual([{ usedBytes: 4_096, leases: 1 }]);
  expect(recorder.of("memoryRefused")).toEqual([{ code: "REFERENCE_FORGED", holder: 1 }]);
});
