import { describe, expect, test } from "vitest";

import { exploreRing, type Omission, type RingModel } from "./ring-model.ts";

const base: RingModel = {
  records: 3,
  capacity: 1,
  start: 0,
  producer: "futex",
  consumer: "futex",
  batches: false,
  timeouts: 0,
  ordered: false,
};

function every(): RingModel[] {
  const models: RingModel[] = [];
  for (const producer of ["futex", "doorbell"] as const) {
    for (const consumer of ["futex", "doorbell"] as const) {
      for (const [capacity, start, batches, timeouts] of [
        [1, 0, false, 0],
        [1, 48, false, 1],
        [2, 0, true, 1],
        [2, 56, true, 0],
      ] as const) {
        models.push({ ...base, producer, consumer, capacity, start, batches, timeouts });
      }
    }
  }
  for (const [producer, consumer] of [
    ["futex", "both"],
    ["both", "doorbell"],
    ["both", "both"],
  ] as const) {
    models.push({ ...base, records: 4, producer, consumer, timeouts: 1 });
  }
  return models;
}

const name = (model: RingModel): string =>
  `${model.producer} and ${model.consumer}, ${model.capacity} records of room from ${model.start}, ${model.timeouts} timeouts`;

describe("the protocol of a ring", () => {
  test.each(every().map((model) => [name(model), model] as const))(
    "loses no wake-up and no record in any interleaving: %s",
    (_, model) => {
      const reordered = exploreRing(model);
      expect(reordered.wrong).toBeUndefined();
      const ordered = exploreRing({ ...model, ordered: true });
      expect(ordered.wrong).toBeUndefined();
      expect(reordered.states).toBeGreaterThan(ordered.states);
    },
  );

  test.each([
    ["fence after publishing", "futex", "a side sleeps for ever"],
    ["fence after publishing", "doorbell", "a side sleeps for ever"],
    ["fence after announcing", "doorbell", "a side sleeps for ever"],
    ["named position", "futex", "a side sleeps for ever"],
    ["compare-and-swap", "futex", "a side sleeps for ever"],
    ["look after announcing", "doorbell", "a side sleeps for ever"],
    ["record before position", "futex", "a record is another one"],
  ] as const satisfies readonly (readonly [Omission, "futex" | "doorbell", string])[])(
    "without the %s, with sides that sleep on a %s: %s",
    (omission, how, wrong) => {
      const models = [1, 2].map((capacity) => ({
        ...base,
        records: 4,
        capacity,
        producer: how,
        consumer: how,
        omission,
      }));
      const found = models.map((model) => exploreRing(model).wrong).find((each) => each);
      expect(found).toBe(wrong);
    },
  );

  test("reordering alone breaks what lacks a fence: in order it works", () => {
    for (const omission of ["fence after publishing", "fence after announcing"] as const) {
      const model = { ...base, consumer: "doorbell", producer: "doorbell", omission } as const;
      expect(exploreRing({ ...model, ordered: true }).wrong).toBeUndefined();
      expect(exploreRing(model).wrong).toBe("a side sleeps for ever");
    }
  });
});
