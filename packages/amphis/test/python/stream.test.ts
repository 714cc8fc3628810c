import { isAmphisError, iterate, keep } from "amphis";
import { describe, expect, test } from "vitest";

import { failureOf, openedPython } from "./opened.ts";

const opened = openedPython();

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of items) all.push(each);
  return all;
}

describe("a stream", () => {
  test("gives the items of a generator, async or not", async () => {
    const { py } = opened;
    expect(await collect(py.stream("shop:count_up", [3]))).toEqual([0, 1, 2]);
    expect(await collect(py.stream("shop:count_up_async", [3]))).toEqual([0, 1, 2]);
  });

  test("closes the generator when the loop is left", async () => {
    await new Promise<void>((resolve, reject) => {
      const leave = async (): Promise<void> => {
        for await (const number of opened.py.stream("shop:count_up", [1_000_000, resolve])) {
          if (number === 3) break;
        }
      };
      leave().catch(reject);
    });
  });

  test("fails with what Python raised, behind the items that came before", async () => {
    const seen: unknown[] = [];
    const lines = opened.py.stream("builtins:map", [Number.parseInt, ["1", "2"]]);
    for await (const each of lines) seen.push(each);
    expect(seen).toEqual([1, 2]);
    const error = await failureOf(collect(opened.py.stream("shop:no_such_generator")));
    expect(isAmphisError(error) && error.category).toBe("python");
  });

  test("is refused of what gives no items", async () => {
    const error = await failureOf(collect(opened.py.stream("math:sqrt", [4])));
    expect(isAmphisError(error, "STREAM_UNEXPECTED")).toBe(true);
  });
});

describe("iterating", () => {
  test("a chain or a live object gives its items", async () => {
    const { py } = opened;
    expect(await collect(py.import("shop").count_up(3))).toEqual([0, 1, 2]);
    const basket = await keep(py.import("shop").Basket("Ada").add("pears").add("plums"));
    expect(await collect(basket)).toEqual(["pears", "plums"]);
    expect(await collect(iterate<string>(basket))).toEqual(["pears", "plums"]);
  });

  test("a chain that fails names the link", async () => {
    const error = await failureOf(collect(opened.py.import("shop").count_up("x")));
    expect(isAmphisError(error) && error.message).toContain("'str' object");
  });
});
