import { isAmphisError, keep, kw, openPython, type Tensor } from "amphis";
import { describe, expect, test } from "vitest";

import { MODULES, openedPython } from "./opened.ts";

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

  test("is done by a worker that can do it, while another waits for a promise", async () => {
    const settings = { path: MODULES, profile: "thread", threads: 4, minWorkers: 2 } as const;
    await using py = await openPython({ workers: 2, ...settings });
    const stuck = await py.session();
    let answer = (): void => undefined;
    const begun = new Promise<void>((begin) => {
      const promise = new Promise<void>((resolve) => (answer = resolve));
      const ask = (): Promise<void> => (begin(), promise);
      void stuck.call("shop:apply", [ask]).catch(() => undefined);
    });
    await begun;
    const busy = await py.session();
    const event = await keep(busy.import("threading").Event());
    expect(busy.worker).not.toBe(stuck.worker);
    // The worker that waits has least to do.
    const waiting = Promise.all([1, 2].map(() => busy.call("threading:Event.wait", [event])));
    expect(py.sync.call("shop:greet", ["Ada"])).toBe("Hi Ada");
    py.sync.wait(event.set());
    await waiting;
    answer();
  });

  test("gives up at its deadline", () => {
    expect(() => opened.py.sync.call("shop:sleep_long", [], { timeoutMs: 50 })).toThrow(
      expect.objectContaining({ code: "CALL_TIMEOUT" }),
    );
  });
});
