import { inspect } from "node:util";

import {
  fetch,
  isAmphisError,
  isPython,
  keep,
  len,
  type PyObject,
  release,
  type Tensor,
  toArrow,
  typeOf,
} from "amphis";
import { describe, expect, test } from "vitest";

import { failureOf, openedPython } from "./opened.ts";

const opened = openedPython({ packages: ["numpy"] });

async function basket(): Promise<PyObject> {
  return await opened.py.import("shop").Basket("Ada");
}

describe("a live object", () => {
  test("stays in Python, and is the same at every use", async () => {
    const ada = await basket();
    expect(isPython(ada)).toBe(true);
    expect(typeOf(ada)).toBe("shop.Basket");
    await ada.add("pears", 2);
    await ada.add("plums");
    expect(await ada.owner).toBe("Ada");
    expect(await ada.items).toEqual({ pears: 2, plums: 1 });
  });

  test("is no promise, also when its class has a method that is called then", async () => {
    const ada = await basket();
    expect(ada.then).toBeUndefined();
    expect(await ada).toBe(ada);
  });

  test("shows its type when it is inspected, and asks nothing", async () => {
    const ada = await basket();
    expect(inspect(ada)).toMatch(/^PyObject <shop\.Basket #\d+>$/);
    expect(inspect({ ada })).toMatch(/^\{ ada: PyObject <shop\.Basket #\d+> \}$/);
    release(ada);
    expect(inspect(ada)).toMatch(/^PyObject <shop\.Basket #\d+, released>$/);
  });

  test("is no text and no JSON", async () => {
    const ada = await basket();
    expect(() => `${ada as unknown as string}`).toThrow(
      /^Cannot make a plain value of <shop\.Basket>: it is in Python/,
    );
    expect(() => JSON.stringify([ada])).toThrow(/^Cannot make JSON of <shop\.Basket>/);
  });

  test("can be called and made instances of when it is a class", async () => {
    const Basket = await opened.py.import("shop").Basket;
    expect(typeOf(Basket)).toBe("builtins.type");
    expect(await Basket("Bo").owner).toBe("Bo");
  });

  test("cannot be used after it was released, once or twice", async () => {
    const ada = await basket();
    release(ada);
    release(ada);
    const error = await failureOf(ada.owner);
    expect(isAmphisError(error, "HANDLE_GONE") && error.type).toBe("shop.Basket");
  });

  test("is released at the end of its block", async () => {
    let outer: PyObject;
    {
      using ada = await basket();
      outer = ada;
      expect(await ada.owner).toBe("Ada");
    }
    expect(isAmphisError(await failureOf(outer.owner), "HANDLE_GONE")).toBe(true);
  });

  test("comes back within values that keep their shape", async () => {
    const ada = await basket();
    const [one, { two }] = (await opened.py.call("shop:later", [[1, { two: ada }]])) as [
      number,
      { two: PyObject },
    ];
    expect(one).toBe(1);
    expect(await two.owner).toBe("Ada");
  });
});

describe("keep", () => {
  test("gives a live object of what would come as a value", async () => {
    const list = await keep(opened.py.eval("[1, 2]"));
    expect(typeOf(list)).toBe("builtins.list");
    await list.append(3);
    expect(await len(list)).toBe(3);
    expect(await fetch(list)).toEqual([1, 2, 3]);
  });

  test("gives a live object as it is", async () => {
    const ada = await basket();
    expect(await keep(ada)).toBe(ada);
  });

  test("refuses what is not in Python", async () => {
    expect((await failureOf(keep(5 as never))).message).toBe(
      "Cannot keep: it takes an object of Python, got number",
    );
    const promise = opened.py.call("math:sqrt", [4]);
    expect((await failureOf(keep(promise as never))).message).toBe(
      "Cannot keep: it takes an object of Python, got a promise: await it first",
    );
    await promise;
  });
});

describe("fetch", () => {
  test("gives the value of a chain or of a live object", async () => {
    const np = await opened.py.import("numpy");
    const kept = await keep(np.arange(3));
    const array = await fetch<Tensor>(kept);
    expect([...array.view()].map(Number)).toEqual([0, 1, 2]);
    expect(await fetch<number[]>(kept.tolist())).toEqual([0, 1, 2]);
  });

  test("fails with the place of what is no value", async () => {
    const error = await failureOf(fetch(opened.py.eval("{'a': [print]}")));
    if (!isAmphisError(error, "VALUE_UNSUPPORTED")) throw error;
    expect(error.path).toContain("a");
  });
});

describe("toArrow", () => {
  test("gives a table of a live object too", async () => {
    const frame = await keep(opened.py.import("pandas").DataFrame({ a: [1, 2] }));
    expect((await frame.toArrow()).numRows).toBe(2);
    expect((await toArrow(frame)).numRows).toBe(2);
  });
});
