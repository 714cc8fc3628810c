import { expectTypeOf } from "vitest";

import {
  add,
  enter,
  fetch,
  isPython,
  item,
  iterate,
  keep,
  type Keywords,
  kw,
  len,
  type PyChain,
  type PyArgument,
  type PyClass,
  type PyInput,
  type PyInstance,
  type PyLive,
  type PyObject,
  type PyStep,
  type Python,
  type PyValue,
  release,
  str,
  typeOf,
} from "../index.ts";
import type { ArrowTable } from "../memory/index.ts";

declare const py: Python;

// Calls give what is asked for, and else every value that there can be.
expectTypeOf(await py.call("math:sqrt", [2])).toEqualTypeOf<PyValue>();
expectTypeOf(await py.call<number>("math:sqrt", [2], { timeoutMs: 5 })).toBeNumber();
expectTypeOf(py.sync.call<number>("math:sqrt", [2], kw({ a: 1 }), { timeoutMs: 5 })).toBeNumber();
for await (const token of py.stream<string>("m:f", [1], { signal: AbortSignal.abort() })) {
  expectTypeOf(token).toBeString();
}

// Of what has no declarations, attributes are free, and calls of it give chains.
const pd = await py.import("pandas");
expectTypeOf(pd).toEqualTypeOf<PyObject>();
expectTypeOf(pd.read_csv("sales.csv", kw({ sep: ";" })).groupby("region")).toBeAny();
const frame: PyChain = pd.read_csv("sales.csv");
expectTypeOf(await frame).toEqualTypeOf<PyValue>();
expectTypeOf(await frame(1)).toEqualTypeOf<PyValue>();
expectTypeOf(await frame.toArrow()).toEqualTypeOf<ArrowTable>();
expectTypeOf(await frame.with({ timeoutMs: 5 })).toEqualTypeOf<PyValue>();
expectTypeOf(await frame.as<number>()).toBeNumber();
expectTypeOf(await Promise.all([frame.as<string>(), py.eval("1")])).toEqualTypeOf<
  [string, PyValue]
>();

// What functions of JavaScript have too are attributes of Python.
expectTypeOf(pd.apply).toBeAny();
expectTypeOf(pd.name).toBeAny();
expectTypeOf(pd.length).toBeAny();

// Live objects are no promises; chains are nothing that can be disposed of.
expectTypeOf(pd.then).toBeUndefined();
expectTypeOf(await pd).toEqualTypeOf<PyObject>();
expectTypeOf(await keep(frame)).toEqualTypeOf<PyObject>();
expectTypeOf(await fetch<number[]>(frame.shape)).toEqualTypeOf<number[]>();
expectTypeOf(await py.exec("a = 1")).toEqualTypeOf<PyObject>();
{
  using kept = await keep(frame);
  await using entered = await enter(py.import("io").open("notes.txt"));
  expectTypeOf(kept.a).toBeAny();
  expectTypeOf(entered.read).toBeAny();
  // @ts-expect-error a chain holds nothing yet
  using _ = frame;
}

// Functions on objects of Python.
expectTypeOf(await len(frame)).toBeNumber();
expectTypeOf(await str(pd)).toBeString();
expectTypeOf(await item(frame, 0, 1)).toEqualTypeOf<PyValue>();
expectTypeOf(await add(frame, 1)).toEqualTypeOf<PyValue>();
for await (const line of iterate<string>(pd)) expectTypeOf(line).toBeString();
for await (const each of frame) expectTypeOf(each).toEqualTypeOf<PyValue>();
expectTypeOf(typeOf(pd)).toBeString();
const value = await frame;
if (isPython(value)) expectTypeOf(value).toEqualTypeOf<PyObject>();
if (typeof value === "number") expectTypeOf(value).toBeNumber();
// @ts-expect-error a value is not certain to be an object
release(value);
// @ts-expect-error a number is not in Python
await fetch(5);
// @ts-expect-error there is no such option
await py.call("m:f", [], { timeout: 5 });

// What declarations say: members of a step, what awaiting it gives, and options that keep both.
interface Frame {
  readonly "~class": PyClass<"lib.Frame" | "lib.Base">;
  head(
    n?: PyArgument<number> | Keywords<HeadKeywords>,
    keywords?: Keywords<HeadKeywords>,
  ): PyStep<Frame>;
  readonly rows: PyStep<{ bit_length(): PyChain<number> }, number>;
}
interface HeadKeywords {
  readonly n?: PyArgument<number> | undefined;
  readonly how?: "first" | "last" | undefined;
}
declare const step: PyStep<Frame>;
expectTypeOf(await step.head(2).with({ timeoutMs: 5 }).head().rows).toBeNumber();
expectTypeOf(await step).toEqualTypeOf<Frame & PyLive>();
expectTypeOf(await step.rows.bit_length()).toBeNumber();
await step.head(kw({ n: 1, how: "last" }));
await step.head(1, kw({ how: undefined }));
await step.head(py.eval("1"));
// @ts-expect-error there is no such keyword argument
await step.head(kw({ m: 1 }));
// @ts-expect-error it is one of two texts
await step.head(kw({ how: "middle" }));
// @ts-expect-error a text is no number
await step.head("1");

// Instances of derived classes do for their bases, live or not; others do not.
declare function take(base: PyArgument<PyInstance<"lib.Base">>): void;
declare function takeOther(other: PyArgument<PyInstance<"lib.Other">>): void;
declare function takeAny(input: PyInput): void;
take(step);
take(await step);
take(pd);
// @ts-expect-error a frame is nothing else
takeOther(step);
// @ts-expect-error a number is no instance
take(1);
for (const each of [1, "a", [1], { a: 1 }, new Map(), step, pd, null, () => 1]) takeAny(each);
// @ts-expect-error keyword arguments are no argument
takeAny(kw({ a: 1 }));
