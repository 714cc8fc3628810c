import { Float } from "@amphis/protocol";
import { isAmphisError, keep, kw, tensor } from "amphis";
import { expect, test } from "vitest";

import { openWith } from "./opened.ts";

const PURE = { calm: { pure: { "*": true, called: false, pid: false } } };

test("a pure function is asked once for the same arguments, by call and by chain", async () => {
  const py = await openWith({ calm: { ...PURE.calm, alias: "cm" } });
  expect(await py.call("calm:square", [3])).toBe(9);
  expect(await py.call("calm:square", [3])).toBe(9);
  expect(await py.call("cm:square", [3])).toBe(9);
  expect(await py.import("cm").square(3)).toBe(9);
  const live = await py.import("calm");
  expect(await live.square(3)).toBe(9);
  expect(py.sync.call("calm:square", [3])).toBe(9);
  expect(await py.call("calm:called", ["square"])).toBe(1);
  expect(await py.call("calm:square", [3], kw({ plus: 1 }))).toBe(10);
  expect(await py.call("calm:called", ["square"])).toBe(2);
  const square = py.libraries()[0]?.functions.find(({ name }) => name === "square");
  expect(square).toMatchObject({ calls: 7, errors: 0, cache: { hits: 5, misses: 2, entries: 2 } });
});

test("arguments that Python can tell apart have results of their own", async () => {
  const py = await openWith(PURE);
  const different = [
    [1],
    ["1"],
    [true],
    [null],
    [[1]],
    [[[1]]],
    [1, 2],
    ["1", "2"],
    ["12", ""],
    [1n << 70n],
    [-0],
    [0],
    [Number.NaN],
    [{ a: 1, b: 2 }],
    [{ b: 2, a: 1 }],
    [new Map([["a", 1]])],
    [new Set([1])],
    [new Uint8Array([1])],
    [new Float64Array([1])],
    [new Float32Array([1])],
    [tensor([[1, 2]])],
    [tensor([[1], [2]])],
    [new Date(0)],
    ["x".repeat(1_000)],
    [`${"x".repeat(999)}y`],
    [new Uint8Array(1_000)],
    [new Uint8Array(1_000).fill(1)],
  ];
  const results = [];
  for (const args of different) results.push(await py.call("calm:listed", args));
  const again = [];
  for (const args of different) again.push(await py.call("calm:listed", args));
  expect(again).toEqual(results);
  expect(await py.call("calm:called", ["listed"])).toBe(different.length);
});

test("arguments that Python cannot tell apart have one result", async () => {
  const py = await openWith(PURE);
  const alike: readonly (readonly unknown[])[][] = [
    [[1], [1n]],
    [[null], [undefined]],
    [[0.5], [new Float(0.5)]],
    [[{ a: 1 }], [{ a: 1, b: undefined }], [new Map([["a", 1n]])]],
    [[[undefined, 2]], [[null, 2n]]],
    [[Buffer.from([7])], [new Uint8Array([7])]],
  ];
  for (const [count, [first = [], ...others]] of alike.entries()) {
    const result = await py.call("calm:listed", first);
    for (const args of others) expect(await py.call("calm:listed", args)).toEqual(result);
    expect(await py.call("calm:called", ["listed"])).toBe(count + 1);
  }
  // As a float, 1 is another value.
  expect(await py.call("calm:listed", [new Float(1)])).not.toEqual(
    await py.call("calm:listed", [1]),
  );
});

test("who writes to a result changes nobody else's", async () => {
  const py = await openWith(PURE);
  const first = await py.call<{ args: number[][] }>("calm:listed", [[1, 2]]);
  first.args[0]?.push(3);
  const second = await py.call<{ args: number[][] }>("calm:listed", [[1, 2]]);
  expect(second.args).toEqual([[1, 2]]);
  second.args.length = 0;
  expect((await py.call<{ args: number[][] }>("calm:listed", [[1, 2]])).args).toEqual([[1, 2]]);
  const array = await py.call<{ view(): Float64Array; toNested(): number[] }>("calm:zeros", [3]);
  array.view()[0] = 5;
  const other = await py.call<{ toNested(): number[] }>("calm:zeros", [3]);
  expect(other.toNested()).toEqual([0, 0, 0]);
  expect(await py.call("calm:called", ["zeros"])).toBe(1);
});

test("calls of the same at a time are one call of Python", async () => {
  const py = await openWith(PURE, { profile: "thread" });
  const all = await Promise.all(Array.from({ length: 20 }, () => py.call("calm:slow", [0.05])));
  expect(new Set(all)).toEqual(new Set([1]));
  expect(py.libraries()[0]?.functions[0]?.cache).toMatchObject({ misses: 1, shared: 19 });
});

test("errors and live objects are not kept, and each caller has its own", async () => {
  const py = await openWith(PURE);
  const errors = await Promise.allSettled([
    py.call("calm:fail", ["no"]),
    py.call("calm:fail", ["no"]),
  ]);
  expect(errors.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await py.call("calm:called", ["fail"])).toBe(2);
  const one = await py.call("calm:thing");
  const two = await py.call("calm:thing");
  expect(one).not.toBe(two);
  expect(await py.call("calm:called", ["thing"])).toBe(2);
  const object = await keep(py.eval("[1, 2]"));
  expect(await py.call("calm:total", [object])).toBe(3);
  expect(await py.call("calm:total", [object])).toBe(3);
  expect(await py.call("calm:called", ["total"])).toBe(2);
});

test("results end by their time, their number, their bytes and by forget", async () => {
  const py = await openWith({
    calm: { pure: { square: { maxEntries: 2 }, listed: { ttlMs: 1 }, zeros: { maxBytes: 1_000 } } },
  });
  for (const x of [1, 2, 3, 1]) await py.call("calm:square", [x]);
  expect(await py.call("calm:called", ["square"])).toBe(4);
  await py.call("calm:listed", [1]);
  await expect
    .poll(async () => {
      await py.call("calm:listed", [1]);
      return py.call<number>("calm:called", ["listed"]);
    })
    .toBeGreaterThan(1);
  await py.call("calm:zeros", [1_000]);
  await py.call("calm:zeros", [1_000]);
  expect(await py.call("calm:called", ["zeros"])).toBe(2);
  expect(py.forget({ library: "calm", functions: "squ*" })).toBe(2);
  expect(py.forget()).toBeLessThan(2);
  await py.call("calm:square", [1]);
  expect(await py.call("calm:called", ["square"])).toBe(5);
  expect(() => py.forget({ library: "clam" })).toThrow(/calm/u);
});

test("a caller that gives up takes nothing away from others", async () => {
  const py = await openWith(PURE, { profile: "thread" });
  const controller = new AbortController();
  const leader = py.call("calm:slow", [0.06], { signal: controller.signal });
  const follower = py.call("calm:slow", [0.06]);
  controller.abort();
  const failure = await leader.catch((error: unknown) => error);
  expect(isAmphisError(failure, "CALL_CANCELLED")).toBe(true);
  expect(await follower).toBeGreaterThan(0);
});
