import { describe, expect, test } from "vitest";

import { AmphisError } from "@amphis/protocol";

import { Arena } from "./arena.ts";
import type { Path } from "./latency-model.ts";
import { Placement, type PlacementEvent, type PlacementOptions } from "./placement.ts";
import { memoryStatus } from "./status.ts";

const LARGE = { bytes: 1_048_576, kind: "tensor" };
const SMALL = { bytes: 2_048, kind: "tensor" };

const exhausted = new AmphisError("MEMORY_EXHAUSTED", "Cannot allocate: test", {
  requested: 1,
  available: 0,
});

function given(options: PlacementOptions = {}) {
  const events: PlacementEvent[] = [];
  const clock = { now: 0 };
  const placement = new Placement({
    exploreEvery: 0,
    now: () => clock.now,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return { clock, events, placement };
}

/** Hands over so many, each path taking its time. */
function handOver(placement: Placement, count: number, elapsed: Readonly<Record<Path, number>>) {
  return Array.from({ length: count }, () => {
    const path = placement.choose(LARGE);
    placement.succeeded(LARGE, path, elapsed[path]);
    return path;
  });
}

test("before anything is measured, large values are shared and small ones are not", () => {
  const { placement } = given();
  expect(placement.choose(LARGE)).toBe("shared");
  expect(placement.choose(SMALL)).toBe("inline");
  expect(placement.choose({ bytes: 0, kind: "tensor" })).toBe("inline");
});

test("the path that is measured to be faster is preferred, and that is told once", () => {
  const { events, placement } = given({ exploreEvery: 4 });
  const paths = handOver(placement, 40, { inline: 0.05, shared: 0.5 });
  expect(paths[0]).toBe("shared");
  expect(paths.slice(-4).filter((path) => path === "inline")).toHaveLength(3);
  expect(events).toEqual([
    { kind: "preferred", path: "inline", parcel: "tensor", bytes: 1_048_576 },
  ]);
});

test("a path that is a little faster changes nothing", () => {
  const { events, placement } = given({ exploreEvery: 2 });
  handOver(placement, 100, { inline: 0.09, shared: 0.1 });
  expect(placement.compare()[0]?.preferred).toBe("shared");
  expect(events).toEqual([]);
});

test("one pause of the machine changes nothing", () => {
  const { events, placement } = given();
  for (let count = 0; count < 20; count += 1) {
    placement.succeeded(LARGE, "shared", 0.03);
    placement.succeeded(LARGE, "inline", 0.2);
  }
  placement.succeeded(LARGE, "shared", 1_000);
  expect(placement.choose(LARGE)).toBe("shared");
  expect(events).toEqual([]);
});

test("the same calls give the same decisions", () => {
  const run = (): readonly Path[] =>
    handOver(given({ exploreEvery: 3 }).placement, 60, { inline: 0.1, shared: 0.3 });
  expect(run()).toEqual(run());
});

test("the comparison shows both paths side by side", () => {
  const { placement } = given();
  placement.succeeded(LARGE, "inline", 0.25);
  placement.succeeded(LARGE, "inline", 0.75);
  expect(placement.compare()).toEqual([
    {
      kind: "tensor",
      bytes: 1_048_576,
      preferred: "shared",
      inline: { samples: 2, meanMs: 0.5 },
      shared: { samples: 0, meanMs: expect.any(Number) },
    },
  ]);
});

test("kinds beyond the limit are counted together", () => {
  const { placement } = given();
  for (let kind = 0; kind < 100; kind += 1) placement.choose({ bytes: 4_096, kind: `k${kind}` });
  expect(placement.compare().length).toBeLessThanOrEqual(33);
});

describe("failure", () => {
  const switchOff = (placement: Placement): void => {
    for (let count = 0; count < 3; count += 1) placement.failed(exhausted);
  };

  test("failures are told apart and counted", () => {
    const { placement } = given();
    expect(placement.failed(exhausted)).toBe("exhausted");
    expect(placement.failed(new Error("other"))).toBe("other");
    expect(placement.failed(undefined)).toBe("other");
    expect(placement.figures()).toMatchObject({
      failures: { exhausted: 1, refused: 0, released: 0, other: 2 },
      fallbacks: 3,
    });
  });

  test("failures in a row switch it off, and a success between them does not", () => {
    const { events, placement } = given();
    placement.failed(exhausted);
    placement.failed(exhausted);
    placement.succeeded(LARGE, "shared", 0.1);
    placement.failed(exhausted);
    expect(placement.choose(LARGE)).toBe("shared");
    placement.failed(exhausted);
    placement.failed(exhausted);
    expect(placement.choose(LARGE)).toBe("inline");
    expect(events).toEqual([{ kind: "switched-off", failure: "exhausted" }]);
  });

  test("after a pause one value tries, and its success switches it on again", () => {
    const { clock, events, placement } = given();
    switchOff(placement);
    clock.now = 999;
    expect(placement.choose(LARGE)).toBe("inline");
    clock.now = 1_000;
    expect([placement.choose(LARGE), placement.choose(LARGE)]).toEqual(["shared", "inline"]);
    placement.succeeded(LARGE, "shared", 0.1);
    expect(placement.choose(LARGE)).toBe("shared");
    expect(events.map(({ kind }) => kind)).toEqual(["switched-off", "switched-on"]);
  });

  test("the pause doubles with each trial that fails, up to a minute", () => {
    const { clock, placement } = given();
    switchOff(placement);
    const pauses = Array.from({ length: 9 }, () => {
      const from = clock.now;
      while (placement.choose(LARGE) === "inline") clock.now += 500;
      placement.failed(exhausted);
      return clock.now - from;
    });
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  test("a trial that is never told of is followed by another", () => {
    const { clock, placement } = given();
    switchOff(placement);
    clock.now = 1_000;
    expect(placement.choose(LARGE)).toBe("shared");
    clock.now = 2_000;
    expect(placement.choose(LARGE)).toBe("shared");
  });
});

test("the status gathers the figures of all parts", () => {
  const arena = new Arena();
  const { placement } = given();
  arena.allocate(64);
  placement.choose(LARGE);
  expect(memoryStatus({ arena, placement })).toMatchObject({
    arena: { leases: 1, usedBytes: 64 },
    references: undefined,
    placement: { state: "on", shared: 1, inline: 0, comparison: [{ kind: "tensor" }] },
  });
});

test("a path that was set is taken, but for small values and while shared memory fails", () => {
  const placement = new Placement({ path: "shared", exploreEvery: 1 });
  const large = { bytes: 2_048, kind: "tensor" };
  const path = (bytes: number): string => placement.choose({ bytes, kind: "tensor" });
  expect([path(100), path(2_048), path(2_048)]).toEqual(["inline", "shared", "shared"]);
  for (let count = 0; count < 3; count += 1) placement.failed(new Error("no room"));
  expect(placement.choose(large)).toBe("inline");
  expect(new Placement({ path: "inline", exploreEvery: 1 }).choose(large)).toBe("inline");
});
