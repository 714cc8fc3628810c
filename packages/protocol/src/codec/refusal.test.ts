import { describe, expect, test } from "vitest";

import { Attachment, Ext, Handle, Path, Tuple, type Value } from "../value/index.ts";
import { codec, type Codec, json, msgpack } from "./index.ts";

class Point {
  x = 1;
}

const TOO_LARGE = 2n ** 70_000n;
const KEY = "a scalar or a tuple of scalars, as it is a key or in a set";
const TEXT = "valid Unicode without lone surrogates";
const YEARS = "a valid date in the years 0000 to 9999";

const REFUSED: readonly (readonly [
  value: unknown,
  path: string,
  expected: string,
  received: string,
  code?: string,
])[] = [
  [() => 1, "$", "a value", "a function"],
  [Symbol("x"), "$", "a value", "a symbol"],
  [[1, new Point()], "$[1]", "a value", "Point"],
  [{ a: { "b c": new Float64Array(2) } }, '$.a["b c"]', "a value", "Float64Array"],
  [[new DataView(new ArrayBuffer(1))], "$[0]", "a value", "DataView"],
  [{ a: Promise.resolve(1) }, "$.a", "a value", "Promise"],
  [{ a: [new Error("x")] }, "$.a[0]", "a value", "Error"],
  [new Map([["k", /x/]]), "$.k", "a value", "RegExp"],
  [new Map([[1, /x/]]), "$.get(an int)", "a value", "RegExp"],
  [new Map<unknown, unknown>([[[1], 2]]), "$.keys()", KEY, "a list"],
  [{ m: new Map([[{}, 2]]) }, "$.m.keys()", KEY, "a map"],
  [new Map([[new Handle(1, "x"), 2]]), "$.keys()", KEY, "a handle"],
  [new Set([new Set()]), "${}", KEY, "a set"],
  [new Set([new Attachment(0, "x")]), "${}", KEY, "an attachment"],
  [new Set([new Ext(1, new Uint8Array())]), "${}", KEY, "an extension"],
  [["\ud800"], "$[0]", TEXT, "a string"],
  [{ a: { "\udc00": 1 } }, "$.a.keys()", TEXT, "a string"],
  [["x", "long enough to leave the loop \ud83d"], "$[1]", TEXT, "a string"],
  [{ p: new Path("\ud800") }, "$.p.text", TEXT, "a string"],
  [[new Handle(1, "\ud800")], "$[0].type", TEXT, "a string"],
  [{ a: TOO_LARGE }, "$.a", "an int of at most 8192 bytes", "an int", "VALUE_OUT_OF_RANGE"],
  [{ at: new Date(Number.NaN) }, "$.at", YEARS, "a timestamp", "VALUE_OUT_OF_RANGE"],
  [{ at: new Date(8.64e15) }, "$.at", YEARS, "a timestamp", "VALUE_OUT_OF_RANGE"],
  [new Attachment(0, "x", { f: [() => 1] as never }), "$.meta.f[0]", "a value", "a function"],
  [
    [new Attachment(0, "x", new Map([[1, 2]]) as never)],
    "$[0].meta",
    "a map with string keys",
    "a map",
  ],
];

describe.each<readonly [string, Codec]>([
  ["msgpack", msgpack()],
  ["json", json()],
])("%s refuses", (name, one) => {
  test.each(REFUSED)("%o at %s", (value, path, expected, received, code = "VALUE_UNSUPPORTED") => {
    expect(() => one.encode(value as Value)).toThrow(
      expect.objectContaining({
        code,
        message: `Cannot encode ${name}: ${path} must be ${expected}, got ${received}`,
        context: { path, expected, received },
      }) as Error,
    );
  });

  test("a tuple that holds what cannot be a key, where it is one", () => {
    for (const value of [
      new Set([Tuple.of<Value>(1, [])]),
      new Map([[Tuple.of<Value>(Tuple.of<Value>({})), 1]]),
    ]) {
      expect(() => one.encode(value)).toThrow(
        expect.objectContaining({ code: "VALUE_UNSUPPORTED", expected: KEY }) as Error,
      );
    }
  });

  test("nothing for good: the next value is encoded as ever", () => {
    const good = one.encode([1, "x"]);
    expect(() => one.encode(["x".repeat(100_000), () => 1] as never)).toThrow(/a function$/);
    expect(one.encode([1, "x"])).toEqual(good);
  });

  test("what a getter throws comes through unchanged", () => {
    const thrown = new Error("of the caller");
    const value = {
      get x(): Value {
        throw thrown;
      },
    };
    expect(() => one.encode(value)).toThrow(thrown);
  });
});

const NESTS: Readonly<Record<string, (inner: Value) => Value>> = {
  list: (inner) => [inner],
  map: (inner) => ({ k: inner }),
  "map of other keys": (inner) => new Map([[1, inner]]),
  "map of a key with $": (inner) => ({ $k: inner }),
  tuple: (inner) => Tuple.of(inner),
  "attachment's meta": (inner) => new Attachment(0, "x", { k: inner }),
};

function nest(wrap: (inner: Value) => Value, levels: number): Value {
  let value: Value = 1;
  for (let i = 0; i < levels; i += 1) value = wrap(value);
  return value;
}

describe.each(["msgpack", "json", "compact"])("in %s", (name) => {
  test.each(Object.entries(NESTS))(
    "one level is a %s, and the limit holds both ways",
    (_, wrap) => {
      const deep = codec(name, { maxDepth: 512 });
      const limited = codec(name);
      const most = limited.encode(nest(wrap, 128));
      expect(limited.encode(limited.decode(most))).toEqual(most);
      const error = expect.objectContaining({
        code: "DEPTH_EXCEEDED",
        context: { limit: 128 },
      }) as Error;
      expect(() => limited.encode(nest(wrap, 129))).toThrow(error);
      expect(() => limited.decode(deep.encode(nest(wrap, 129)))).toThrow(error);
      expect(() => limited.decode(deep.encode(nest(wrap, 512)))).toThrow(error);
    },
  );

  test("an element of a set is one level deeper than the set", () => {
    const value = new Set([Tuple.of(Tuple.of(1))]);
    expect(codec(name, { maxDepth: 3 }).decode(codec(name, { maxDepth: 3 }).encode(value))).toEqual(
      value,
    );
    expect(() => codec(name, { maxDepth: 2 }).encode(value)).toThrow(
      expect.objectContaining({ code: "DEPTH_EXCEEDED" }) as Error,
    );
    expect(() => codec(name, { maxDepth: 2 }).decode(codec(name).encode(value))).toThrow(
      expect.objectContaining({ code: "DEPTH_EXCEEDED" }) as Error,
    );
  });

  test("a value that contains itself is too deep", () => {
    const list: unknown[] = [];
    list.push({ again: list });
    const map = new Map<unknown, unknown>();
    map.set("self", map);
    for (const value of [list, map]) {
      expect(() => codec(name).encode(value as Value)).toThrow(
        /the value is nested deeper than 128 levels or contains itself$/,
      );
    }
  });
});
