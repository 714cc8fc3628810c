import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { heapBytes } from "../../test/heap.ts";
import { compileGlob } from "./glob.ts";
import { RouteTable, type Route } from "./route-table.ts";

function always(): boolean {
  return true;
}

function tableOf(...routes: readonly Route[]): RouteTable {
  const table = new RouteTable();
  for (const route of routes) table.add(route);
  return table;
}

function route(pattern: string, to: string, priority = 0): Route {
  return { pattern, to, priority };
}

function literalsOf(pattern: string): number {
  return [...pattern].filter((character) => !"*?".includes(character)).length;
}

/** The best route by a look at each of them, oldest first. */
function bestOf(routes: readonly Route[], target: string): Route | undefined {
  return routes
    .filter(({ pattern }) => compileGlob(pattern)(target))
    .sort((a, b) => b.priority - a.priority || literalsOf(b.pattern) - literalsOf(a.pattern))[0];
}

const pattern = fc
  .array(fc.constantFrom("a", "b", ".", "?", "*", "**", "😀"), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(""));
const target = fc
  .array(fc.constantFrom("a", "b", ".", "😀"), { maxLength: 6 })
  .map((letters) => letters.join(""));
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ add: pattern, priority: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ remove: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ find: target, without: fc.integer({ min: -1, max: 2 }) }) },
);

describe("a route table", () => {
  test("finds what a look at every route finds, however it came about", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const table = new RouteTable();
        const kept: { readonly route: Route; remove(): void }[] = [];
        for (const [index, change] of changes.entries()) {
          if ("add" in change) {
            const added = route(change.add, `to${index}`, change.priority);
            kept.push({ route: added, remove: table.add(added) });
          } else if ("find" in change) {
            const usable = ({ priority }: Route): boolean => priority !== change.without;
            const routes = kept.map(({ route }) => route).filter(usable);
            expect(table.find(change.find, usable)).toBe(bestOf(routes, change.find));
          } else if (kept.length > 0) {
            const [removed] = kept.splice(change.remove % kept.length, 1);
            removed?.remove();
          }
          expect(table.size).toBe(kept.length);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("prefers priority, then literal characters, then age", () => {
    const table = tableOf(
      route("images.**", "general"),
      route("images.resize*", "old"),
      route("*.resize?*", "short"),
      route("images.resize*", "new"),
      route("**", "urgent", 1),
    );
    const order: string[] = [];
    table.find("images.resize2", ({ to }) => {
      order.push(to);
      return false;
    });
    expect(order).toEqual(["urgent", "old", "new", "general", "short"]);
  });

  test("falls back on the default route, also for capabilities", () => {
    const table = tableOf(route("**", "default", -1_000), route("a.*", "a"));
    expect(["a.b", "a.b.c", "@cap", ""].map((target) => table.find(target, always)?.to)).toEqual([
      "a",
      "default",
      "default",
      "default",
    ]);
  });

  test("finds nothing when no route matches or none is usable", () => {
    const table = tableOf(route("a.*", "a"));
    expect([table.find("b", always), table.find("a.b", () => false)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(new RouteTable().find("a", always)).toBeUndefined();
  });

  test("asks anew which routes are usable in each look-up", () => {
    const table = tableOf(route("**", "one", 1), route("**", "two"));
    expect([
      table.find("a", always)?.to,
      table.find("a", ({ to }) => to !== "one")?.to,
      table.find("a", always)?.to,
    ]).toEqual(["one", "two", "one"]);
  });

  test("holds a route twice when it is added twice, and removes each once", () => {
    const table = new RouteTable();
    const both = route("a", "b");
    const removeFirst = table.add(both);
    const removeSecond = table.add(both);
    removeFirst();
    removeFirst();
    expect([table.size, table.find("a", always)]).toEqual([1, both]);
    removeSecond();
    expect([table.size, table.find("a", always)]).toEqual([0, undefined]);
  });

  test("refuses what is no route, and keeps nothing of it", () => {
    const table = new RouteTable();
    expect(() => table.add(route("", "a"))).toThrow(
      expect.objectContaining({ code: "NAME_INVALID" }),
    );
    for (const priority of [Number.NaN, 0.5, Infinity, 2 ** 53, "1" as never]) {
      expect(() => table.add(route("a", "a", priority))).toThrow(RangeError);
    }
    expect([table.size, table.find("a", always)]).toEqual([0, undefined]);
  });

  test("finds among 100,000 routes the one that matches", () => {
    const table = tableOf(route("**", "default", -1));
    for (let i = 0; i < 50_000; i += 1) {
      table.add(route(`svc${i}.**`, `prefix${i}`));
      table.add(route(`svc${i}.*.image`, `wild${i}`));
    }
    expect(
      ["svc49999.resize.image", "svc7.resize", "svc50000.x"].map(
        (target) => table.find(target, always)?.to,
      ),
    ).toEqual(["wild49999", "prefix7", "default"]);
  });

  test("ends on patterns that stay open at every character", () => {
    const table = new RouteTable();
    for (let i = 0; i < 20; i += 1) table.add(route(`${"*a".repeat(200)}*${i}b`, "never"));
    table.add(route("**", "default", -1));
    expect(table.find("a".repeat(1_024), always)?.to).toBe("default");
  });

  test("answers rightly for more targets than it remembers", () => {
    const table = tableOf(route("**", "default", -1), route("t7*", "seven"));
    for (let i = 0; i < 30_000; i += 1) {
      const expected = String(i).startsWith("7") ? "seven" : "default";
      expect(table.find(`t${i}`, always)?.to).toBe(expected);
    }
  });

  test("keeps nothing of routes that were removed", () => {
    const table = new RouteTable();
    const churn = (prefix: string): void => {
      const removers = Array.from({ length: 20_000 }, (_, i) =>
        table.add(route(`${prefix}${i}.*?x**y`, "to")),
      );
      table.find(`${prefix}1.ax.by`, always);
      for (const remove of removers) remove();
    };
    churn("a");
    const before = heapBytes();
    churn("b");
    churn("c");
    expect([table.size, heapBytes() - before < 10_000_000]).toEqual([0, true]);
  });

  test("remembers a bounded number of targets", () => {
    const table = tableOf(route("**", "default"));
    const before = heapBytes();
    for (let i = 0; i < 60_000; i += 1) table.find(`${i}.${"x".repeat(500)}`, always);
    expect([table.size, heapBytes() - before < 15_000_000]).toEqual([1, true]);
  });
});
