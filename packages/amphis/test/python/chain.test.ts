import {
  ArrowTable,
  isAmphisError,
  isPython,
  keep,
  kw,
  openPython,
  type PyChain,
  release,
  setItem,
  Tensor,
  Tuple,
} from "amphis";
import { describe, expect, test } from "vitest";

import { failureOf, openedPython } from "./opened.ts";

const opened = openedPython({ packages: ["pandas"] });

/** How many messages the pool has had. */
function submitted(): number {
  return opened.py.status().pools["default"]?.calls.submitted ?? 0;
}

const SALES = {
  region: ["north", "south", "north", "west"],
  revenue: [10, 20, 30, 5],
};

describe("a chain", () => {
  test("of pandas is one message, and ends as a table", async () => {
    const pd = await opened.py.import("pandas");
    const before = submitted();
    const table = await pd
      .DataFrame(SALES)
      .groupby("region")
      .agg(kw({ revenue: Tuple.of("revenue", "sum") }))
      .sort_values("revenue", kw({ ascending: false }))
      .head(2)
      .toArrow();
    expect(submitted()).toBe(before + 1);
    expect(table).toBeInstanceOf(ArrowTable);
    expect(Array.from(table.getChild("revenue"), Number)).toEqual([40, 20]);
  });

  test("begins at a module that was not waited for", async () => {
    const before = submitted();
    expect(await opened.py.import("json").dumps({ a: 1 })).toBe('{"a": 1}');
    expect(submitted()).toBe(before + 1);
  });

  test("goes on from a live object, and takes live objects and chains as arguments", async () => {
    const np = await opened.py.import("numpy");
    const half = await np.poly1d([0.5, 0]);
    expect(isPython(half)).toBe(true);
    const before = submitted();
    expect(await np.sum([half(2), half(np.float64(4)), np.polyval(half, 6)])).toBe(6);
    expect(submitted()).toBe(before + 1);
  });

  test("gives arrays as tensors", async () => {
    const np = await opened.py.import("numpy");
    const sum = await np.add(new Float64Array([1, 2]), new Float64Array([3, 4]));
    expect(sum).toBeInstanceOf(Tensor);
    expect([...sum.view()]).toEqual([4, 6]);
  });

  test("has options for the whole of it", async () => {
    const slow = opened.py.import("shop").sleep_long().with({ timeoutMs: 50 });
    expect(isAmphisError(await failureOf(slow), "CALL_TIMEOUT")).toBe(true);
  });

  test("fails with the link in its own words", async () => {
    const pd = await opened.py.import("pandas");
    const error = await failureOf(pd.DataFrame(SALES).groupby("regio").sum());
    if (!isAmphisError(error, "PYTHON_ERROR")) throw error;
    expect(error.message).toMatch(/'regio' \(step 2: \.groupby\("regio"\)\)$/);
    expect(error).toMatchObject({
      type: "KeyError",
      link: '.groupby("regio")',
      chain: expect.stringMatching(/^pandas\.DataFrame\(\{.*\.groupby\("regio"\)\.sum\(\)$/),
    });
    expect(error.context).toMatchObject({ link: '.groupby("regio")' });
  });

  test("that asks for what is not there says so, with what is near", async () => {
    const error = await failureOf(opened.py.import("math").sqrtt(2));
    if (!isAmphisError(error, "PYTHON_ATTRIBUTE_MISSING")) throw error;
    expect(error.suggestions).toContain("sqrt");
    expect(error.message).toMatch(/\(step 2: \.sqrtt\(2\)\)$/);
  });

  test("that begins with a module that is not there says how to get it", async () => {
    const error = await failureOf(opened.py.import("no_such_module").f());
    if (!isAmphisError(error, "PYTHON_IMPORT_FAILED")) throw error;
    expect(error.missing).toBe("no_such_module");
    expect(error.message).toMatch(/\(step 1: no_such_module\)$/);
  });

  test.each<readonly [string, (shop: PyChain) => PromiseLike<unknown>, string, string]>([
    ["an argument", (shop) => shop.total([1, Symbol("s")]), "args[0][1]", ".total([1, Symbol(s)])"],
    [
      "a keyword",
      (shop) => shop.total([1], kw({ of: { a: Symbol("s") } })),
      "kwargs.of.a",
      ".total([1], of={a: Symbol(s)})",
    ],
    ["a key", (shop) => setItem(shop.prices, "x", Symbol("s")), "value", '["x"] = Symbol(s)'],
  ])("names the link and %s that cannot travel", async (_name, use, path, link) => {
    const error = await failureOf(use(opened.py.import("shop")));
    expect(error).toMatchObject({ code: "VALUE_UNSUPPORTED", path, context: { path, link } });
    expect(error.message).toContain(path);
    expect(error.message.endsWith(`: ${link})`)).toBe(true);
    expect(error.message).not.toContain("steps[");
  });

  test("has the place where it was waited for in the stack of errors of this side too", async () => {
    const { py } = opened;
    const basket = await keep(py.import("shop").Basket("Ada"));
    release(basket);
    async function whoWaits(): Promise<void> {
      await basket.add(1);
    }
    async function whoCalls(): Promise<void> {
      await py.call("builtins:repr", [[[[basket]]]]);
    }
    async function whoMixes(): Promise<void> {
      await using other = await openPython({ config: false, workers: 1 });
      const list = await keep(py.eval("[]"));
      await list.append(other.eval("1"));
    }
    const gone = await failureOf(whoWaits());
    expect(gone).toMatchObject({ code: "HANDLE_GONE" });
    expect(gone.stack).toMatch(/at (async )?whoWaits/);
    expect((await failureOf(whoCalls())).stack).toMatch(/at (async )?whoCalls/);
    const apart = await failureOf(whoMixes());
    expect(apart).toMatchObject({ code: "HANDLE_ELSEWHERE" });
    expect(apart.stack).toMatch(/at (async )?whoMixes/);
  });

  test("has the place where it was waited for in the stack of its error", async () => {
    async function whoWaits(): Promise<void> {
      await opened.py.import("shop").deep("x");
    }
    expect((await failureOf(whoWaits())).stack).toMatch(
      /step 2: \.deep\("x"\).*at inner .*shop\.py.*at (async )?whoWaits/s,
    );
  });
});
