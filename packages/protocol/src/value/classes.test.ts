import { describe, expect, test } from "vitest";

import { Attachment, Complex, describeKind, Ext, Float, Handle, Tuple } from "./index.ts";

test("a tuple is an array whose methods return plain arrays", () => {
  const tuple = Tuple.of(1, 2);
  expect([Array.isArray(tuple), tuple.length]).toEqual([true, 2]);
  for (const made of [tuple.map(String), tuple.slice(), tuple.filter(Boolean), tuple.concat([3])]) {
    expect(made).not.toBeInstanceOf(Tuple);
  }
});

test("a float counts as its number", () => {
  expect([
    new Float(2).valueOf() + 1,
    JSON.stringify(new Float(2)),
    new Float(2) > new Float(1),
  ]).toEqual([3, "2", true]);
});

test.each([
  [1, 2, "1+2i"],
  [0, -0, "0-0i"],
  [-1.5, -2, "-1.5-2i"],
])("a complex number of %d and %d reads %s", (re, im, text) => {
  expect(String(new Complex(re, im))).toBe(text);
});

describe("what does not fit is refused", () => {
  test.each([
    ["Float", TypeError, () => new Float("1" as never)],
    ["Complex", TypeError, () => new Complex(1, 2n as never)],
    ["Handle", RangeError, () => new Handle(-1, "x")],
    ["Handle", RangeError, () => new Handle(2 ** 53, "x")],
    ["Handle", TypeError, () => new Handle(1, 2 as never)],
    ["Attachment", RangeError, () => new Attachment(65_536, "x")],
    ["Attachment", RangeError, () => new Attachment(0.5, "x")],
    ["Attachment", TypeError, () => new Attachment(0, null as never)],
    ["Ext", RangeError, () => new Ext(-1, new Uint8Array())],
    ["Ext", RangeError, () => new Ext(64, new Uint8Array())],
    ["Ext", RangeError, () => new Ext(-129, new Uint8Array())],
    ["Ext", TypeError, () => new Ext(0, [1] as never)],
  ])("%s, with a %o", (name, type, make) => {
    expect(make).toThrow(type);
    expect(make).toThrow(new RegExp(`^Cannot make ${name}: .*[^.]$`));
  });
});

test.each([
  [undefined, "nil"],
  [1, "an int"],
  [2n, "an int"],
  [-0.5, "a float"],
  ["", "a string"],
  [() => 1, "a function"],
  [Symbol("x"), "a symbol"],
  [Tuple.of(1), "a tuple"],
  [[], "a list"],
  [Object.create(null), "a map"],
  [new Float64Array(1), "Float64Array"],
  [/x/, "RegExp"],
  [new (class {})(), "an object"],
  [new Proxy({}, {}), "a map"],
])("%o is named %s", (value, name) => {
  expect(describeKind(value)).toBe(name);
});
