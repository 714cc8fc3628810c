import { inspect } from "node:util";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { Attachment, Decimal, Float, Handle, LocalDate } from "../value/index.ts";
import { formatValue, type PrintStyle } from "./index.ts";

const STYLES: readonly PrintStyle[] = ["compact", "verbose"];

describe("formatValue shows what is no value", () => {
  test.each([
    [() => 1, "<a function>"],
    [Symbol("s"), "<a symbol>"],
    [undefined, "null"],
    [new Float64Array(2), "<Float64Array>"],
    [new (class Point {})(), "<Point>"],
    [new Date(Number.NaN), "<an invalid timestamp>"],
    [new Date(8.64e15), "<an invalid timestamp>"],
    ["\ud800x\udc00", '"\\ud800x\\udc00"'],
    [{ a: undefined, b: 1 }, "{b: 1}"],
    [Object.assign(Object.create(null) as object, { a: 1 }), "{a: 1}"],
    [new ArrayBuffer(2), "bytes(2) 00 00"],
    [new Attachment(1, "x", new Map([["a", 1]]) as never), 'attachment(1, "x") {a: 1}'],
  ])("%s as %s", (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});

describe("formatValue ends", () => {
  test("at a value that contains itself", () => {
    const list: unknown[] = [1];
    list.push(list, { list });
    expect(formatValue(list)).toBe("[1, <circular>, {list: <circular>}]");
    expect(formatValue(list, { style: "verbose" })).toBe(
      "list of 3\n  0: 1\n  1: <circular>\n  2: map of 1\n    list: <circular>",
    );
  });

  test("but shows twice what merely stands twice", () => {
    const shared = [1];
    expect(formatValue([shared, shared])).toBe("[[1], [1]]");
  });

  test("within its limits for a graph of 50^60 paths", () => {
    let graph: unknown = 0;
    for (let level = 0; level < 60; level += 1) graph = Array.from({ length: 50 }, () => graph);
    expect(formatValue(graph).length).toBeLessThan(2_000);
    expect(formatValue(graph, { style: "verbose" }).length).toBeLessThan(60_000);
  });

  test("at getters and proxies that throw", () => {
    const hostile = {
      ok: 1,
      get bad(): never {
        throw new Error("no");
      },
    };
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    expect(formatValue([hostile, revoked.proxy, 2])).toBe("[<unreadable>, <unreadable>, 2]");
    expect(formatValue(revoked.proxy, { style: "verbose" })).toBe("<unreadable>");
  });

  test("at forged instances", () => {
    const forged = [
      Object.create(Decimal.prototype),
      Object.assign(Object.create(Handle.prototype) as object, { id: "\u001b[2J", type: 5 }),
      Object.assign(Object.create(LocalDate.prototype) as object, { text: "\u001b[2J" }),
      Object.assign(Object.create(Float.prototype) as object, { value: "\u001b[2J" }),
    ];
    for (const value of forged) expect(formatValue(value)).not.toContain("\u001b");
  });
});

test("formatValue never throws, never exceeds its lines and never lets a control character through", () => {
  fc.assert(
    fc.property(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withNullPrototype: true,
        withTypedArray: true,
      }),
      (value) => {
        for (const style of STYLES) {
          const text = formatValue(value, { style });
          expect(text).not.toMatch(
            style === "compact"
              ? /[\u0000-\u001f\u007f-\u009f]/
              : /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/,
          );
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

test("colours change nothing but colour", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const style of STYLES) {
        const uncoloured = formatValue(value, { style, color: true }).replace(/\u001b\[\d+m/g, "");
        expect(uncoloured).toBe(formatValue(value, { style }));
      }
    }),
    { numRuns: 1_000 },
  );
});

test("formatValue refuses a style that there is not", () => {
  expect(() => formatValue(1, { style: "pretty" as PrintStyle })).toThrow(
    new TypeError('Cannot print: style must be "compact" or "verbose", got "pretty"'),
  );
});

test("codes of colour stay those that node:util uses", () => {
  expect(formatValue(1, { color: true })).toBe(inspect(1, { colors: true }));
});
