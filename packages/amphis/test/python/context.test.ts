import { attribute, enter, fetch, isAmphisError, keep, within } from "amphis";
import { describe, expect, test } from "vitest";

import { failureOf, openedPython } from "./opened.ts";

const opened = openedPython();

describe("enter", () => {
  test.for(["transaction", "async_transaction"])(
    "holds %s open until the end of the block",
    async (name) => {
      const shop = await opened.py.import("shop");
      const log = await keep(opened.py.eval("[]"));
      {
        await using entered = await enter(shop[name](log));
        expect(await fetch(entered)).toBe("open");
        expect(await fetch(log)).toEqual(["begin"]);
      }
      expect(await fetch(log)).toEqual(["begin", "committed"]);
    },
  );

  test("gives what the context gave, to work with", async () => {
    const io = await opened.py.import("io");
    await using text = await enter(io.StringIO("one\ntwo\n"));
    expect(await text.readline()).toBe("one\n");
  });

  test("leaves a live object that was entered to whoever has it", async () => {
    const text = await keep(opened.py.import("io").StringIO("one"));
    const lock = await keep(opened.py.import("threading").Lock());
    for (let turn = 0; turn < 2; turn += 1) {
      await within(lock, async () => text.read());
    }
    expect(await attribute(lock, "locked")()).toBe(false);
  });

  test("refuses what is no context", async () => {
    const error = await failureOf(enter(opened.py.import("shop").Basket("Ada")));
    expect(isAmphisError(error, "PYTHON_ATTRIBUTE_MISSING") && error.missing).toBe("__aenter__");
  });
});

describe("within", () => {
  test("leaves the context when all went well, and gives the result", async () => {
    const shop = await opened.py.import("shop");
    const log = await keep(opened.py.eval("[]"));
    expect(await within(shop.transaction(log), async (state) => fetch(state))).toBe("open");
    expect(await fetch(log)).toEqual(["begin", "committed"]);
  });

  test("tells the context of an error of TypeScript, and throws it", async () => {
    const shop = await opened.py.import("shop");
    const log = await keep(opened.py.eval("[]"));
    const cause = new RangeError("too much");
    const work = within(shop.transaction(log), () => {
      throw cause;
    });
    expect(await failureOf(work)).toBe(cause);
    expect(await fetch(log)).toEqual(["begin", "rolled back for TypeScriptError: too much"]);
  });

  test("hands an exception of Python on by its class, and the context may take care of it", async () => {
    const shop = await opened.py.import("shop");
    const log = await keep(opened.py.eval("[]"));
    const given = await within(shop.transaction(log), async () => shop.deep("x"));
    expect(given).toBeUndefined();
    expect(await fetch(log)).toEqual(["begin", "forgiven"]);
  });
});
