import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { heapBytes } from "../../test/heap.ts";
import { TopicTable } from "./topic-table.ts";
import { matchesTopic } from "./topic.ts";

function matchesOf<T>(table: TopicTable<T>, topic: string): T[] {
  const found: T[] = [];
  table.match(topic, (value) => found.push(value));
  return found;
}

const level = fc.constantFrom("a", "b", "$");
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join("."));
const pattern = fc
  .tuple(fc.array(fc.oneof(level, fc.constant("*")), { maxLength: 3 }), fc.boolean())
  .map(([levels, open]) => [...levels, ...(open || levels.length === 0 ? ["#"] : [])].join("."));
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ add: pattern }) },
  { weight: 2, arbitrary: fc.record({ remove: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ match: topic }) },
);

describe("a topic table", () => {
  test("finds what a look at every pattern finds, however it came about", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), fc.array(topic), (changes, topics) => {
        const table = new TopicTable<number>();
        const kept: { readonly pattern: string; readonly value: number; remove(): void }[] = [];
        const expectSame = (topic: string): void => {
          const expected = kept.filter(({ pattern }) => matchesTopic(pattern, topic));
          expect(matchesOf(table, topic).sort((a, b) => a - b)).toEqual(
            expected.map(({ value }) => value),
          );
        };
        for (const [value, change] of changes.entries()) {
          if ("add" in change) {
            kept.push({ pattern: change.add, value, remove: table.add(change.add, value) });
          } else if ("match" in change) expectSame(change.match);
          else if (kept.length > 0) {
            const [removed] = kept.splice(change.remove % kept.length, 1);
            removed?.remove();
          }
          expect(table.size).toBe(kept.length);
        }
        topics.forEach(expectSame);
      }),
      { numRuns: 500 },
    );
  });

  test("visits the values of one pattern in the order in which they were added", () => {
    const table = new TopicTable<string>();
    for (const value of ["one", "two", "three", "one"]) table.add("a.*", value);
    expect([matchesOf(table, "a.b"), table.size]).toEqual([["one", "two", "three", "one"], 4]);
  });

  test("holds a value twice when it is added twice, and removes each once", () => {
    const table = new TopicTable<string>();
    const removeFirst = table.add("a.#", "x");
    const removeSecond = table.add("a.#", "x");
    removeFirst();
    removeFirst();
    expect([matchesOf(table, "a"), table.size]).toEqual([["x"], 1]);
    removeSecond();
    removeSecond();
    expect([matchesOf(table, "a"), table.size]).toEqual([[], 0]);
  });

  test("does not remove a later value of the same pattern when a remover is called again", () => {
    const table = new TopicTable<string>();
    const remove = table.add("a", "old");
    remove();
    table.add("a", "new");
    remove();
    expect(matchesOf(table, "a")).toEqual(["new"]);
  });

  test("does not visit what was removed during the match", () => {
    const table = new TopicTable<string>();
    const found: string[] = [];
    const removers = new Map(
      ["a", "b", "c", "d", "e"].map((value) => [value, table.add("t.*", value)]),
    );
    removers.set("f", table.add("t.x", "f"));
    removers.set("g", table.add("t.#", "g"));
    const order = matchesOf(table, "t.x");
    table.match("t.x", (value) => {
      found.push(value);
      for (const other of order.filter((_, index) => index % 2 === order.indexOf(value) % 2)) {
        removers.get(other)?.();
      }
    });
    expect(found).toEqual([order[0], order[1]]);
    expect(table.size).toBe(0);
  });

  test("goes on behind a value that is removed together with those next to it", () => {
    const table = new TopicTable<string>();
    const removers = ["a", "b", "c", "d", "e"].map((value) => table.add("t", value));
    const found: string[] = [];
    table.match("t", (value) => {
      found.push(value);
      if (value === "b") [1, 2, 3, 0].forEach((index) => removers[index]?.());
    });
    expect(found).toEqual(["a", "b", "e"]);
  });

  test("does not visit what was added during the match, and does so in the next", () => {
    const table = new TopicTable<number>();
    const found: number[] = [];
    for (const pattern of ["a", "*", "#"]) table.add(pattern, 0);
    table.match("a", (value) => {
      found.push(value);
      for (const pattern of ["a", "*", "#"]) table.add(pattern, value + 1);
    });
    expect(found).toEqual([0, 0, 0]);
    expect(matchesOf(table, "a").sort((a, b) => a - b)).toEqual([0, 0, 0, ...Array(9).fill(1)]);
  });

  test("matches within a match", () => {
    const table = new TopicTable<string>();
    table.add("a", "a");
    table.add("b", "b");
    const found: string[] = [];
    table.match("a", (value) => found.push(value, ...matchesOf(table, "b")));
    expect(found).toEqual(["a", "b"]);
  });

  test("stays whole when a visit throws", () => {
    const table = new TopicTable<string>();
    table.add("a", "a");
    expect(() =>
      table.match("a", () => {
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(matchesOf(table, "a")).toEqual(["a"]);
  });

  test("refuses what is no pattern, and keeps nothing of it", () => {
    const table = new TopicTable<string>();
    for (const pattern of ["", "a..b", "#.a", "a*", Array(65).fill("a").join(".")]) {
      expect(() => table.add(pattern, "x")).toThrow(
        expect.objectContaining({ code: "NAME_INVALID" }),
      );
    }
    expect(table.size).toBe(0);
  });

  test("finds among 100,000 patterns exactly those that match", () => {
    const table = new TopicTable<string>();
    const patterns = Array.from({ length: 25_000 }, (_, i) => [
      `prices.eu${i % 97}.gold${i}`,
      `prices.*.gold${i}`,
      `prices.eu${i % 97}.gold${i}.#`,
      `orders${i}.#`,
    ]).flat();
    for (const pattern of patterns) table.add(pattern, pattern);
    expect(matchesOf(table, "prices.eu7.gold104").sort()).toEqual([
      "prices.*.gold104",
      "prices.eu7.gold104",
      "prices.eu7.gold104.#",
    ]);
    expect(matchesOf(table, "orders24999.a.b")).toEqual(["orders24999.#"]);
    expect(matchesOf(table, "orders25000.a.b")).toEqual([]);
  });

  test("takes any text for a topic", () => {
    const table = new TopicTable<string>();
    table.add("#", "#");
    for (const topic of ["", ".", "a..b", ".".repeat(1_000_000), "$", "\ud800"]) {
      expect(matchesOf(table, topic)).toEqual(topic === "$" ? [] : ["#"]);
    }
  });

  test("answers rightly for more topics than it remembers", () => {
    const table = new TopicTable<number>();
    for (let i = 0; i < 100; i += 1) table.add(`a.t${i}`, i);
    for (let i = 0; i < 20_000; i += 1) {
      expect(matchesOf(table, `a.t${i % 10_000}`)).toEqual(i % 10_000 < 100 ? [i % 10_000] : []);
    }
  });

  test("keeps nothing of patterns that were removed", () => {
    const table = new TopicTable<number>();
    const churn = (prefix: string): void => {
      const removers = Array.from({ length: 50_000 }, (_, i) =>
        table.add([prefix, `b${i}`, "*", `c${i}`, i % 2 === 0 ? "#" : "*"].join("."), i),
      );
      table.match(`${prefix}.b1.x.c1.y`, () => {});
      for (const remove of removers) remove();
    };
    churn("a");
    const before = heapBytes();
    churn("b");
    churn("c");
    expect([table.size, heapBytes() - before < 10_000_000]).toEqual([0, true]);
  });

  test("remembers a bounded number of topics", () => {
    const table = new TopicTable<string>();
    table.add("#", "#");
    const before = heapBytes();
    for (let i = 0; i < 60_000; i += 1) table.match(`${i}.${"x".repeat(500)}`, () => {});
    expect([matchesOf(table, "a"), heapBytes() - before < 10_000_000]).toEqual([["#"], true]);
  });
});
