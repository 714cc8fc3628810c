import { isAmphisError, kw, type Tensor } from "amphis";
import { describe, expect, test } from "vitest";

import { openedPython } from "./opened.ts";

const opened = openedPython({ packages: ["numpy"] });

describe("a blocking call", () => {
  test("gives its answer before the next line", () => {
    const { sync } = opened.py;
    expect(sync.call("math:sqrt", [2])).toBe(Math.SQRT2);
    expect(sync.call("shop:greet", ["Ada"], kw({ polite: true }))).toBe("Good day, Ada");
    expect(sync.eval("a * 2", { a: 21 })).toBe(42);
  });

  test("works out chains, and has live objects", () => {
    const { py } = opened;
    const array: Tensor = py.sync.wait(py.import("numpy").arange(3));
    expect([...array.view()].map(Number)).toEqual([0, 1, 2]);
    const basket = py.sync.wait(py.import("shop").Basket("Ada"));
    expect(py.sync.wait(basket.owner)).toBe("Ada");
  });

  test("is called back while it waits", () => {
    expect(opened.py.sync.call("shop:apply", [(n: number) => n + 1, 1])).toBe(2);
  });

  test("ends although it prints more than this thread reads meanwhile", () => {
    const { sync } = opened.py;
    const printed = "[print('x' * 999) for _ in range(5_000)] and 'printed'";
    expect(sync.eval(printed)).toBe("printed");
  });

  test("throws what Python raised, named and placed as all errors are", () => {
    const { py } = opened;
    function whoAsks(): unknown {
      return py.sync.wait(py.import("shop").deep("x"));
    }
    expect(whoAsks).toThrow(/\(step 2: \.deep\("x"\)\)$/);
    try {
      whoAsks();
    } catch (error) {
      expect(isAmphisError(error, "PYTHON_ERROR") && error.stack).toMatch(/at whoAsks/);
    }
  });

  test("gives up at its deadline", () => {
    expect(() => opened.py.sync.call("shop:sleep_long", [], { timeoutMs: 50 })).toThrow(
      expect.objectContaining({ code: "CALL_TIMEOUT" }),
    );
  });
});
