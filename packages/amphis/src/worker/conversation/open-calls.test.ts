import fc from "fast-check";
import { expect, test } from "vitest";

import { OpenCall } from "./open-call.ts";
import { OpenCalls } from "./open-calls.ts";

const sink = { resolve: () => undefined, reject: () => undefined };
const opened = (): OpenCall => new OpenCall({ kind: "call", name: "f", args: [] }, sink);

/** How many are begun, and which of those that are open end then, by where they stand among them. */
const rounds = fc.array(
  fc.record({
    begun: fc.integer({ min: 0, max: 500 }),
    ended: fc.array(fc.nat(), { maxLength: 300 }),
  }),
  { maxLength: 12 },
);

test("open calls are what a Map says, however many there are and whichever end first", () => {
  fc.assert(
    fc.property(rounds, (all) => {
      const calls = new OpenCalls();
      const model = new Map<number, OpenCall>();
      let last = 0;
      for (const { begun, ended } of all) {
        for (const end = last + begun; last < end;) {
          last += 1;
          const call = opened();
          calls.set(last, call);
          model.set(last, call);
        }
        const ids = [...model.keys()];
        for (const at of ended) {
          const id = ids[at % ids.length] ?? 0;
          calls.delete(id);
          model.delete(id);
        }
        expect(ended.some((at) => !model.has(at) && calls.get(at) !== undefined)).toBe(false);
        expect(calls.size).toBe(model.size);
        expect(calls.entries().map(([id]) => id)).toEqual([...model.keys()]);
        expect([...model].every(([id, call]) => calls.get(id) === call)).toBe(true);
      }
      for (const id of [0, last + 1, last + 1_024, 2 ** 40]) {
        calls.delete(id);
        expect(calls.get(id)).toBeUndefined();
      }
      expect(calls.size).toBe(model.size);
      calls.clear();
      expect([calls.size, calls.entries()]).toEqual([0, []]);
    }),
    { numRuns: 100 },
  );
});
