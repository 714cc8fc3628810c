import { AmphisError, isAmphisError } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { callingConversation, type Conversation } from "../../src/worker/index.ts";
import { rejection } from "../wait.ts";
import { answerOf, callOf, sharedWorker, startWorker } from "./started.ts";

const shared = sharedWorker();

describe("functions of TypeScript are callable in Python", () => {
  test("a synchronous one answers at once, and keyword arguments come as one object behind the others", async () => {
    const { call } = shared();
    expect(await call("twice", (x: number) => x * 10)).toEqual([10, 20]);
    expect(await call("apply_with_keyword", (...args: unknown[]) => args)).toEqual([
      1,
      { key: "x" },
    ]);
  });

  test("an asynchronous one is waited for", async () => {
    const { call } = shared();
    const later = async (x: number): Promise<number> => {
      await new Promise((resolve) => setImmediate(resolve));
      return x + 1;
    };
    expect(await call("twice", later)).toEqual([2, 3]);
  });

  test("it takes and gives arrays, functions and live objects", async () => {
    const { call } = shared();
    const live = await call("counter", 5);
    const found: unknown[] = [];
    const callback = (...args: unknown[]): unknown => {
      found.push(...args);
      return new Float64Array([1, 2]);
    };
    expect(await call("text", await call("apply", callback, live))).toContain("array([1., 2.])");
    expect(found).toMatchObject([{ type: "work.Counter" }]);
  });

  test("it comes back as itself", async () => {
    const { call } = shared();
    const callback = (): void => {};
    expect(await call("echo", [callback])).toEqual([callback]);
  });

  test("any thread of the worker may call it", async () => {
    const { call } = shared();
    expect(await call("from_thread", (x: number) => x)).toEqual([7]);
  });

  test("one that returns what is no value fails with its path in Python", async () => {
    const { call } = shared();
    const [, message] = (await call("caught", () => ({ a: Symbol("s") }))) as string[];
    expect(message).toContain("result.a");
  });

  test("the worker lets go of it when Python does", async () => {
    const { conversation, call } = await startWorker();
    const callback = (): number => 1;
    await call("keep", callback);
    expect(await call("call_kept")).toBe(1);
    expect(conversation.lentCount).toBe(1);
    await call("drop");
    await call("echo");
    expect(conversation.lentCount).toBe(0);
  });
});

describe("errors of callbacks", () => {
  class Mine extends TypeError {}

  test.each<readonly [string, () => unknown]>([
    ["thrown", () => thrown(new Mine("x"))],
    ["rejected", async () => thrown(new Mine("x"))],
  ])("one that is %s comes back as the very same object", async (_name, make) => {
    const { call } = shared();
    let error: unknown;
    const callback = (): unknown => {
      try {
        const made = make();
        return made instanceof Promise
          ? made.catch((caught: unknown) => thrown((error = caught)))
          : made;
      } catch (caught) {
        throw (error = caught);
      }
    };
    const caught = await rejection(call("apply", callback));
    expect(caught).toBeInstanceOf(Mine);
    expect(caught).toBe(error);
  });

  test.each(["wrapped", "wrapped_twice", "failed_meanwhile"])(
    "one that Python has %s is the very cause of what Python raised",
    async (name) => {
      const { call } = shared();
      const own = new Mine("x");
      const error = await rejection(call(name, () => thrown(own)));
      expect(error).toMatchObject({ code: "PYTHON_ERROR", type: "LookupError" });
      let cause = error;
      while (isAmphisError(cause)) ({ cause } = cause);
      expect(cause).toBe(own);
    },
  );

  test("what is no error comes back too", async () => {
    const { call } = shared();
    expect(await rejection(call("apply", () => thrown("text")))).toBe("text");
  });

  test("Python sees an exception with message, code and stack", async () => {
    const { call } = shared();
    const failing = (): never => thrown(new RangeError("too far"));
    const [name, message, code, stack] = (await call("caught", failing)) as string[];
    expect([name, message, code]).toEqual(["TypeScriptError", "too far", "REMOTE_FAILURE"]);
    expect(stack).toMatch(/RangeError: too far[^]*callbacks\.test\.ts/u);
    const own = (): never =>
      thrown(new AmphisError("PEER_LOST", "Cannot reach", { address: "a", silentMs: 1 }));
    expect((await call("caught", own)) as string[]).toMatchObject([
      "TypeScriptError",
      "Cannot reach",
      "PEER_LOST",
      expect.stringContaining("callbacks.test.ts") as string,
    ]);
  });

  test("one that Python caught is not mistaken for a later one", async () => {
    const { call } = shared();
    const error = await rejection(call("caught_then_fails", () => thrown(new Mine("x"))));
    expect(error).toMatchObject({ code: "PYTHON_ERROR", type: "KeyError" });
  });
});

describe("iterables of TypeScript are iterators in Python", () => {
  function* numbers(): Generator<number> {
    yield* [1, 2, 3];
  }

  async function* slow(): AsyncGenerator<number> {
    for (const number of numbers()) {
      await new Promise((resolve) => setImmediate(resolve));
      yield number;
    }
  }

  test.each<readonly [string, () => unknown]>([
    ["generator", numbers],
    ["asynchronous generator", slow],
    ["iterable of promises", () => [1, 2, 3].map((each) => Promise.resolve(each)).values()],
    ["object that can be iterated over", () => ({ [Symbol.iterator]: numbers })],
    ["object that can be waited for", () => ({ [Symbol.asyncIterator]: slow, name: "x" })],
  ])("a %s", async (_name, make) => {
    const { call } = shared();
    expect(await call("collect", make())).toEqual([1, 2, 3]);
  });

  test("one that Python leaves is told so when Python lets go", async () => {
    const { call } = shared();
    let ended = false;
    function* endless(): Generator<number> {
      try {
        for (let at = 0; ; at += 1) yield at;
      } finally {
        ended = true;
      }
    }
    expect(await call("take", endless(), 3)).toEqual([0, 1, 2]);
    await call("drop");
    await call("echo");
    expect(ended).toBe(true);
  });

  test.each<readonly [string, unknown]>([
    ["gives no object", { next: () => 5 }],
    ["gives null", { next: () => null }],
    ["resolves with no object", { next: () => Promise.resolve("step") }],
  ])("one whose next %s fails, as in a loop of TypeScript", async (_name, iterator) => {
    const { call } = shared();
    const error = await rejection(call("take", { [Symbol.asyncIterator]: () => iterator }, 2));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({
      message: expect.stringContaining("next() must give { done, value }") as string,
    });
  });

  test("what one throws comes back as the very same object", async () => {
    const { call } = shared();
    const error = new Error("mine");
    function* failing(): Generator<number> {
      yield 1;
      throw error;
    }
    expect(await rejection(call("collect", failing()))).toBe(error);
  });
});

describe("nested work", () => {
  function nested(conversation: Conversation, name: string, ...args: unknown[]): Promise<unknown> {
    return answerOf(conversation, { ...callOf(name, args), nested: true });
  }

  test("is done before the call that waits goes on, at any depth", async () => {
    const { conversation, call } = shared();
    const deep = async (left: number): Promise<unknown> =>
      left === 0 ? "done" : nested(conversation, "apply", deep, left - 1);
    expect(await call("apply", deep, 5)).toBe("done");
  });

  test("code in a callback can tell which worker waits, also behind awaits, and other code cannot", async () => {
    const { conversation, call } = shared();
    const seen: unknown[] = [];
    let late: Promise<void> | undefined;
    const callback = async (): Promise<void> => {
      seen.push(callingConversation());
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(callingConversation());
      late = new Promise((resolve) => setTimeout(resolve, 20)).then(() => {
        seen.push(callingConversation());
      });
    };
    const other = new Promise((resolve) => setImmediate(resolve)).then(callingConversation);
    await call("apply", callback);
    await late;
    expect(seen).toEqual([conversation, conversation, undefined]);
    expect(await other).toBeUndefined();
    expect(callingConversation()).toBeUndefined();
  });
});

function thrown(error: unknown): never {
  throw error;
}
