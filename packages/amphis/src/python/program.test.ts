import { inspect } from "node:util";

import { describe, expect, test } from "vitest";

import { StepRef } from "../worker/index.ts";
import { chainOf } from "./chain.ts";
import { execOf } from "./code.ts";
import { sourceOf, summaryOf } from "./describe.ts";
import { expressionOf, nameOf } from "./expression.ts";
import { kw } from "./keywords.ts";
import { ellipsis, item, len, setItem, slice } from "./operations.ts";
import { add, gt } from "./operators.ts";
import type { Router } from "./origin.ts";
import { Program } from "./program.ts";
import type { PyChain } from "./py-types.ts";
import { Tuple } from "@amphis/protocol";

/** A module without a Python to work it out. */
function module(name: string): PyChain {
  return chainOf(nameOf(name));
}

function programOf(chain: unknown): Program {
  const expression = expressionOf(chain);
  if (expression === undefined) throw new TypeError("Cannot test: it is no chain");
  return new Program(expression);
}

function stepsOf(chain: unknown): unknown {
  return programOf(chain).steps;
}

const ref = (index: number): StepRef => new StepRef(index);

test("a chain becomes steps in the order in which it was written", () => {
  const chain = module("pandas").read_csv("sales.csv").groupby("region").head(10);
  expect(stepsOf(chain)).toEqual([
    ["name", "pandas"],
    ["get", ref(0), "read_csv"],
    ["call", ref(1), ["sales.csv"], {}],
    ["get", ref(2), "groupby"],
    ["call", ref(3), ["region"], {}],
    ["get", ref(4), "head"],
    ["call", ref(5), [10], {}],
  ]);
});

test("keywords are what kw() marks, and a plain object is an argument", () => {
  const chain = module("m").f({ a: 1 }, kw({ b: 2, left: undefined }));
  expect(stepsOf(chain)).toEqual([
    ["name", "m"],
    ["get", ref(0), "f"],
    ["call", ref(1), [{ a: 1 }], { b: 2 }],
  ]);
});

test("keywords anywhere but at the end are refused", () => {
  expect(() => module("m").f(kw({ a: 1 }), 2)).toThrow(
    new TypeError("Cannot call: kw(...) must be the last argument, and there can be one"),
  );
});

test("chains within arguments, to any depth, are steps before the call", () => {
  const np = module("numpy");
  const chain = np.f(
    [{ a: np.one }],
    new Map([["k", np.two]]),
    new Set([1]),
    Tuple.of<unknown>(np.one, 3),
  );
  expect(stepsOf(chain)).toEqual([
    ["name", "numpy"],
    ["get", ref(0), "f"],
    ["get", ref(0), "one"],
    ["get", ref(0), "two"],
    ["get", ref(0), "one"],
    [
      "call",
      ref(1),
      [[{ a: ref(2) }], new Map([["k", ref(3)]]), new Set([1]), Tuple.of<unknown>(ref(4), 3)],
      {},
    ],
  ]);
});

test("a chain that stands in two places is worked out once", () => {
  const x = module("random").random();
  expect(stepsOf(add(x, x))).toEqual([
    ["name", "operator:add"],
    ["name", "random"],
    ["get", ref(1), "random"],
    ["call", ref(2), [], {}],
    ["call", ref(0), [ref(3), ref(3)], {}],
  ]);
});

test("arguments without chains are handed on as they are", () => {
  const rows = [{ a: [1] }];
  const step = programOf(module("m").f(rows)).steps.at(-1);
  expect(step).toEqual(["call", ref(1), [rows], {}]);
  expect((step?.at(2) as readonly unknown[] | undefined)?.at(0)).toBe(rows);
});

test("items, slices and operators are steps like any other", () => {
  const array = module("m").x;
  expect(stepsOf(item(array, 0, slice(1, 3), ellipsis()))).toEqual([
    ["name", "m"],
    ["get", ref(0), "x"],
    ["name", "builtins:slice"],
    ["call", ref(2), [1, 3, null], {}],
    ["name", "builtins:Ellipsis"],
    ["item", ref(1), Tuple.of<unknown>(0, ref(3), ref(4))],
  ]);
  expect(stepsOf(setItem(array, "k", len(array)))).toEqual([
    ["name", "m"],
    ["get", ref(0), "x"],
    ["name", "builtins:len"],
    ["call", ref(2), [ref(1)], {}],
    ["setItem", ref(1), "k", ref(3)],
  ]);
});

test("code that is executed gives the names that it defined", () => {
  const origin = { router: unusedRouter() };
  const { steps } = new Program(execOf("a = b + 1", { b: 1 }, origin));
  expect(steps).toEqual([
    ["name", "amphis.worker:module"],
    ["call", ref(0), [], {}],
    ["get", ref(1), "__dict__"],
    ["get", ref(2), "update"],
    ["call", ref(3), [{ b: 1 }], {}],
    ["name", "amphis.worker:execute"],
    ["call", ref(5), ["a = b + 1", ref(2)], {}],
    ["value", ref(1)],
  ]);
});

test("a chain of a hundred thousand links takes no stack", () => {
  let chain = module("m");
  for (let link = 0; link < 100_000; link += 1) chain = chain.next;
  expect(programOf(chain).steps).toHaveLength(100_001);
});

test("a sum of ten thousand terms takes no stack", () => {
  let sum = module("m").x;
  for (let term = 0; term < 10_000; term += 1) sum = add(sum, term);
  expect(programOf(sum).steps).toHaveLength(20_002);
});

test("an argument that contains itself and a chain keeps its loop", () => {
  const loop: unknown[] = [];
  loop.push(loop, module("n"));
  const args = programOf(module("m").f(loop)).steps.at(-1)?.at(2) as [unknown[]] | undefined;
  const copy = args?.[0];
  expect(copy?.[0]).toBe(copy);
  expect(copy?.[1]).toEqual(ref(2));
});

test("an argument that contains itself ends the search for chains", () => {
  const loop: unknown[] = [];
  loop.push(loop, [loop]);
  expect(programOf(module("m").f(loop)).steps).toHaveLength(3);
});

describe("a chain as text", () => {
  const pd = module("pandas");
  const chain = pd
    .read_csv("sales.csv", kw({ sep: ";" }))
    .query("x".repeat(100))
    .head([1, 2, 3, 4], { a: { b: { c: {} } } }, new Float64Array(3), () => 1, gt(pd.x, 5n));

  test("leaves arguments out in short", () => {
    expect(summaryOf(expressionOf(chain) as never)).toBe("pandas.read_csv().query().head()");
  });

  test("shortens arguments in full", () => {
    expect(sourceOf(expressionOf(chain) as never)).toBe(
      `pandas.read_csv("sales.csv", sep=";").query("${"x".repeat(38)}…).head([1, 2, 3, …], {a: {b: {…}}}, Float64Array(24 bytes), function, gt())`,
    );
  });

  test("is what inspecting shows, and nothing is asked", () => {
    expect(inspect(pd.x.y("z"))).toBe('PyChain { pandas.x.y("z") }');
  });
});

/** Fails whatever is sent: nothing is, in these tests. */
function unusedRouter(): Router {
  const refuse = (): never => {
    throw new Error("Cannot send: the test is of what is built");
  };
  return { submit: refuse, submitSync: refuse, stream: refuse };
}
