import { expect, test } from "vitest";

import { fallback, poolClose, poolDrain, recordEvents } from "./index.ts";

const drain = (waiting: number) => ({ pool: "main", waiting, running: 0 });

test("recorder keeps events in order with the time they were told, until it is disposed of", () => {
  const recorder = recordEvents();
  const before = performance.now();
  poolDrain.publish(drain(1));
  poolClose.publish({ pool: "main", reason: "drained", calls: 3 });
  recorder[Symbol.dispose]();
  poolDrain.publish(drain(2));

  expect(recorder.events.map(({ name }) => name)).toEqual(["poolDrain", "poolClose"]);
  expect(recorder.of("poolClose")).toEqual([{ pool: "main", reason: "drained", calls: 3 }]);
  expect(recorder.of("poolDrain")).toEqual([drain(1)]);
  expect(recorder.events[0]?.at).toBeGreaterThanOrEqual(before);
  expect(poolDrain.hasSubscribers).toBe(false);
});

test("recorder listens only to what it was asked for", () => {
  const recorder = recordEvents({ names: ["fallback"] });
  expect(poolDrain.hasSubscribers).toBe(false);
  expect(fallback.hasSubscribers).toBe(true);
  recorder[Symbol.dispose]();
});

test("recorder forgets the oldest beyond its limit and says how many", () => {
  const recorder = recordEvents({ names: ["poolDrain"], limit: 3 });
  for (let waiting = 0; waiting < 100; waiting += 1) poolDrain.publish(drain(waiting));
  expect(recorder.of("poolDrain").map(({ waiting }) => waiting)).toEqual([97, 98, 99]);
  expect(recorder.dropped).toBe(97);
  recorder.clear();
  expect([recorder.events, recorder.dropped]).toEqual([[], 0]);
  poolDrain.publish(drain(7));
  expect(recorder.of("poolDrain")).toEqual([drain(7)]);
  recorder[Symbol.dispose]();
});

test("next event is the first that satisfies the question and is told after it", async () => {
  const recorder = recordEvents({ names: ["poolDrain"] });
  poolDrain.publish(drain(5));
  const next = recorder.next("poolDrain", { where: ({ waiting }) => waiting > 3 });
  for (const waiting of [1, 4, 9]) poolDrain.publish(drain(waiting));
  expect(await next).toEqual(drain(4));
  recorder[Symbol.dispose]();
});

test("waiting for an event ends with the reason of its signal, or what its question throws", async () => {
  const recorder = recordEvents({ names: ["poolDrain"] });
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = recorder.next("poolDrain", { signal });
  controller.abort(new Error("enough"));
  await expect(aborted).rejects.toThrow("enough");
  await expect(recorder.next("poolDrain", { signal })).rejects.toThrow("enough");

  const broken = recorder.next("poolDrain", {
    where: () => {
      throw new Error("no answer");
    },
  });
  poolDrain.publish(drain(1));
  await expect(broken).rejects.toThrow("no answer");
  recorder[Symbol.dispose]();
});

test("waiting for an event ends when the recorder does", async () => {
  const recorder = recordEvents({ names: ["poolDrain"] });
  const next = recorder.next("poolDrain");
  recorder[Symbol.dispose]();
  await expect(next).rejects.toThrow("Cannot wait for poolDrain: the recorder was disposed of");
});

test.each([0, -1, 1.5, Number.NaN])("limit of %d is refused", (limit) => {
  expect(() => recordEvents({ limit })).toThrow(RangeError);
  expect(poolDrain.hasSubscribers).toBe(false);
});
