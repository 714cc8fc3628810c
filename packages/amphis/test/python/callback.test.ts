import { isAmphisError, keep } from "amphis";
import { describe, expect, test } from "vitest";

import { failureOf, openedPython } from "./opened.ts";

const opened = openedPython();

describe("a function of TypeScript", () => {
  test("is called by Python, and may call Python itself", async () => {
    const { py } = opened;
    const twice = async (n: number): Promise<number> =>
      2 * (await py.call<number>("math:sqrt", [n]));
    expect(await py.call("shop:apply", [twice, 9])).toBe(6);
  });

  test("may work with live objects that it is given", async () => {
    const { py } = opened;
    const basket = await keep(py.import("shop").Basket("Ada"));
    const fill = async (given: typeof basket): Promise<string> => {
      await given.add("pears");
      return "done";
    };
    expect(await py.call("shop:apply", [fill, basket])).toBe("done");
    expect(await basket.items).toEqual({ pears: 1 });
  });

  test("that throws gives its own error back", async () => {
    const cause = new RangeError("too much");
    const call = opened.py.call("shop:apply", [
      () => {
        throw cause;
      },
    ]);
    const error = await failureOf(call);
    expect(
      error === cause || (isAmphisError(error, "CALLBACK_FAILED") && error.cause === cause),
    ).toBe(true);
  });
});

describe("an iterable of TypeScript", () => {
  test("is one of Python, async or not", async () => {
    async function* numbers(): AsyncGenerator<number> {
      for (const each of [1, 2, 3]) yield await Promise.resolve(each);
    }
    expect(await opened.py.call("shop:total", [numbers()])).toBe(6);
    expect(await opened.py.call("shop:total", [[1, 2].values()])).toBe(3);
  });

  test("that Python has read in part is told so after the call, without another call", async () => {
    const { py } = opened;
    const ended: string[] = [];
    function* endless(name: string): Generator<number> {
      try {
        for (let at = 0; ; at += 1) yield at;
      } finally {
        ended.push(name);
      }
    }
    expect(await py.call("builtins:next", [endless("call")])).toBe(0);
    await expect.poll(() => ended).toEqual(["call"]);
    expect(await py.import("builtins").next(endless("chain"))).toBe(0);
    await expect.poll(() => ended).toEqual(["call", "chain"]);
    expect(py.sync.call("builtins:next", [endless("sync")])).toBe(0);
    await expect.poll(() => ended).toEqual(["call", "chain", "sync"]);
  });
});

test("callbacks that are nested too deeply are an error, and leave no call behind", async () => {
  const { py } = opened;
  const asked: Promise<unknown>[] = [];
  const deeper = (): Promise<unknown> => {
    const call = py.call("shop:apply", [deeper]);
    asked.push(call);
    return call;
  };
  const error = await failureOf(deeper());
  expect(error).toMatchObject({ type: "RecursionError" });
  const all = await Promise.allSettled(asked);
  expect(all.length).toBeGreaterThan(20);
  expect(new Set(all.map(({ status }) => status))).toEqual(new Set(["rejected"]));
  expect(py.status().pools["default"]).toMatchObject({ open: 0, workerCounts: { crashed: 0 } });
  const deep = (): unknown => py.sync.call("shop:apply", [deep]);
  expect(() => py.sync.call("shop:apply", [deep])).toThrow(/nested too deeply/u);
});
