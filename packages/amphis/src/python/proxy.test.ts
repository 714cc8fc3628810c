import { describe, expect, test } from "vitest";

import { chainOf } from "./chain.ts";
import { nameOf } from "./expression.ts";
import type { Origin } from "./origin.ts";
import type { PyChain } from "./py-types.ts";

/** A chain, and what was sent of it. */
function recorded(): { readonly chain: PyChain; readonly sent: string[] } {
  const sent: string[] = [];
  const refuse = (): never => {
    throw new Error("Cannot send: the test wants none of it");
  };
  const router: Origin["router"] = {
    submit: (work, _, sink) => {
      sent.push(work.name);
      sink.resolve(sent.length);
    },
    submitSync: refuse,
    stream: refuse,
  };
  return { chain: chainOf(nameOf("pandas", { router })), sent };
}

const TO_VALUE = /^Cannot make a plain value of pandas\.x: it is in Python; use await fetch/;

describe("a chain", () => {
  test("is sent once, however often it is waited for", async () => {
    const { chain, sent } = recorded();
    const count = chain.count();
    expect(await Promise.all([count, count, count.then((n: number) => n)])).toEqual([1, 1, 1]);
    expect(sent).toEqual(["pandas.count()"]);
  });

  test("sends nothing when it is built, inspected, or looked at by a library", () => {
    const { chain, sent } = recorded();
    const x = chain.x.y(1);
    expect(typeof x).toBe("function");
    for (const probe of ["$$typeof", "asymmetricMatch", "constructor", "nodeType", "prototype"]) {
      expect(x[probe]).toBeUndefined();
      expect(probe in x).toBe(false);
    }
    expect(Object.keys(x)).toEqual([]);
    expect(Symbol.iterator in x).toBe(false);
    expect(sent).toEqual([]);
  });

  test("is no text, number or JSON", () => {
    const { x } = recorded().chain;
    expect(() => `${x as unknown as string}`).toThrow(TO_VALUE);
    expect(() => Number(x)).toThrow(TO_VALUE);
    expect(() => (x as unknown as number) + 1).toThrow(TO_VALUE);
    expect(() => JSON.stringify({ x })).toThrow(/^Cannot make JSON of pandas\.x: it is in Python/);
  });

  test("cannot be assigned to, deleted from, searched or frozen", () => {
    const x: object = recorded().chain.x;
    expect(() => Reflect.set(x, "a", 1)).toThrow(
      /^Cannot assign a of pandas\.x: use await setAttribute/,
    );
    expect(() => Reflect.deleteProperty(x, "a")).toThrow(
      /^Cannot delete a of pandas\.x: use await/,
    );
    expect(() => "a" in x).toThrow(/^Cannot look for "a" in pandas\.x: use await contains/);
    expect(() => Object.freeze(x)).toThrow(TypeError);
  });

  test("is equal to nothing but itself in matchers, which never take it for one of theirs", () => {
    const { chain } = recorded();
    const { x } = chain;
    expect(x).toBe(x);
    expect(1).not.toEqual(x);
    expect(x).not.toEqual({ a: 1 });
    expect(x).not.toBe(chain.x);
    expect(() => expect(x).toEqual(5)).toThrow(/expected|Cannot make/);
  });

  test("keeps attributes whose names every function of JavaScript has", () => {
    const { chain } = recorded();
    expect(String(Reflect.get(chain, Symbol.toStringTag))).toBe("Python");
    for (const name of ["apply", "bind", "call", "length", "name", "arguments", "caller"]) {
      expect(typeof chain[name]).toBe("function");
    }
  });

  test("that belongs to no Python rejects and says so", async () => {
    await expect(chainOf(nameOf("math")).pi).rejects.toThrow(
      /^Cannot work it out: nothing in it belongs to a Python that was opened/,
    );
  });

  test("takes options beside its links, and refuses those that there are not", async () => {
    const { chain } = recorded();
    expect(await chain.f().with({ timeoutMs: 5 })).toBe(1);
    expect(() => chain.f().with({ timeoutMS: 5 } as object)).toThrow(
      new TypeError('Cannot call Python: there is no option "timeoutMS"; did you mean timeoutMs?'),
    );
  });
});
