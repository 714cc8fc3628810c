import {
  add,
  and,
  attribute,
  contains,
  deleteAttribute,
  deleteItem,
  div,
  ellipsis,
  eq,
  fetch,
  floorDiv,
  ge,
  gt,
  hasAttribute,
  invert,
  isInstance,
  isSame,
  item,
  keep,
  le,
  len,
  lt,
  matmul,
  mod,
  mul,
  ne,
  neg,
  not,
  or,
  pow,
  type PyChain,
  repr,
  setAttribute,
  setItem,
  shiftLeft,
  shiftRight,
  slice,
  str,
  sub,
  type Tensor,
  truth,
  Tuple,
  xor,
} from "amphis";
import { describe, expect, test } from "vitest";

import { openedPython } from "./opened.ts";

const opened = openedPython({ packages: ["numpy"] });

const BINARY: readonly [string, (a: unknown, b: unknown) => PyChain, unknown][] = [
  ["add", add, 9],
  ["sub", sub, 5],
  ["mul", mul, 14],
  ["div", div, 3.5],
  ["floorDiv", floorDiv, 3],
  ["mod", mod, 1],
  ["pow", pow, 49],
  ["and", and, 2],
  ["or", or, 7],
  ["xor", xor, 5],
  ["shiftLeft", shiftLeft, 28],
  ["shiftRight", shiftRight, 1],
  ["eq", eq, false],
  ["ne", ne, true],
  ["lt", lt, false],
  ["le", le, false],
  ["gt", gt, true],
  ["ge", ge, true],
  ["isSame", isSame, false],
];

describe("operators", () => {
  test.for(BINARY)("%s does with 7 and 2 what Python does", async ([, operator, expected]) => {
    const seven = await keep(opened.py.eval("7"));
    expect(await operator(seven, 2)).toBe(expected);
    expect(await operator(opened.py.eval("7"), opened.py.eval("2"))).toBe(expected);
  });

  test("of one operand do what Python does", async () => {
    const { py } = opened;
    expect(await neg(py.eval("7"))).toBe(-7);
    expect(await invert(py.eval("7"))).toBe(-8);
    expect(await not(py.eval("[]"))).toBe(true);
    expect(await truth(py.eval("[]"))).toBe(false);
  });

  test("work element by element on arrays", async () => {
    const array = await keep(opened.py.import("numpy").arange(4));
    const mask = and(gt(array, 0), lt(array, 3));
    const chosen = await fetch<number[]>((item(array, mask) as PyChain).tolist());
    expect(chosen).toEqual([1, 2]);
    expect(await fetch<number>(matmul(array, array))).toBe(14);
  });
});

describe("items", () => {
  test("are read, written and deleted", async () => {
    const basket = await opened.py.import("shop").Basket("Ada");
    await setItem(basket, "pears", 2);
    expect(await item(basket, "pears")).toBe(2);
    expect(await contains(basket, "pears")).toBe(true);
    expect(await len(basket)).toBe(2);
    await deleteItem(basket, "pears");
    expect(await contains(basket, "pears")).toBe(false);
  });

  test("have keys of several dimensions, slices and ellipses", async () => {
    const np = opened.py.import("numpy");
    const cube = await keep(np.arange(24).reshape(2, 3, 4));
    expect(await item(cube, 1, 2, 3)).toBe(23);
    const part = await fetch<Tensor>(item(cube, ellipsis(), slice(0, 2)));
    expect(part.shape).toEqual([2, 3, 2]);
    await setItem(cube, Tuple.of(0, 0, 0), 100);
    expect(await item(cube, 0, 0, 0)).toBe(100);
    expect(await item(opened.py.eval("'abcdef'"), slice(null, null, -2))).toBe("fdb");
  });
});

describe("attributes", () => {
  test("are read, written and deleted by name", async () => {
    const basket = await opened.py.import("shop").Basket("Ada");
    await setAttribute(basket, "owner", "Bo");
    expect(await attribute(basket, "owner")).toBe("Bo");
    expect(await hasAttribute(basket, "colour")).toBe(false);
    await deleteAttribute(basket, "owner");
    expect(await hasAttribute(basket, "owner")).toBe(false);
  });

  test("may have names that JavaScript has its own use for", async () => {
    const basket = await opened.py.import("shop").Basket("Ada");
    expect(await attribute(basket, "then")()).toBe("a method that is called then");
  });
});

test("texts and types are those of Python", async () => {
  const { py } = opened;
  const basket = await py.import("shop").Basket("Ada");
  expect(await repr(basket)).toBe("Basket('Ada')");
  expect(await str(py.eval("1.0"))).toBe("1.0");
  const builtins = py.import("builtins");
  expect(await isInstance(basket, py.import("shop").Basket)).toBe(true);
  expect(await isInstance(basket, Tuple.of(builtins.int, builtins.str))).toBe(false);
});
