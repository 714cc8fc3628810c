import { isAmphisError, kw, type Python } from "amphis";
import { describe, expect, test } from "vitest";

import { failureOf, openedPython } from "./opened.ts";

const opened = openedPython();

describe("call", () => {
  test("gives what the function returns", async () => {
    const { py } = opened;
    expect(await py.call("math:sqrt", [2])).toBe(Math.SQRT2);
    expect(await py.call("os.path:join", ["a", "b"])).toBe("a/b");
    expect(await py.call("builtins:print")).toBeNull();
  });

  test("passes keywords behind arguments, with options or without", async () => {
    const { py } = opened;
    const polite = kw({ polite: true });
    expect(await py.call("shop:greet", ["Ada"])).toBe("Hi Ada");
    expect(await py.call("shop:greet", ["Ada"], polite)).toBe("Good day, Ada");
    expect(await py.call("shop:greet", ["Ada", polite])).toBe("Good day, Ada");
    expect(await py.call("shop:greet", [], kw({ name: "Ada" }), { timeoutMs: 9_000 })).toBe(
      "Hi Ada",
    );
  });

  test.each<readonly [string, (inner: unknown) => unknown]>([
    ["lists", (inner) => [inner]],
    ["objects", (inner) => ({ inner })],
    ["maps", (inner) => new Map([["inner", inner]])],
  ])("refuses what is nested too deeply, however deep: %s", async (_name, around) => {
    const { py } = opened;
    const chain = py.import("math").sqrt(4);
    let value: unknown = chain;
    for (let depth = 0; depth < 100_000; depth += 1) {
      value = around(depth % 100 === 99 ? [chain, value] : value);
    }
    const refused = { code: "DEPTH_EXCEEDED" };
    expect(await failureOf(py.call("shop:later", [value]))).toMatchObject(refused);
    expect(await failureOf(py.import("shop").later([chain, value]))).toMatchObject(refused);
    expect(await failureOf(py.eval("x", { x: value }))).toMatchObject(refused);
    expect(() => py.sync.call("shop:later", [value])).toThrow(expect.objectContaining(refused));
  });

  test("starts at once, before anybody waits", async () => {
    const { py } = opened;
    const first = py.call("shop:events.append", ["called"]);
    const second = py.eval("events[-1]", await py.import("shop"));
    expect(await second).toBe("called");
    await first;
  });

  test("waits for what a coroutine function gives", async () => {
    expect(await opened.py.call("shop:later", [{ a: [1] }])).toEqual({ a: [1] });
  });

  test("works out chains among its arguments in the same message", async () => {
    const { py } = opened;
    const before = py.status().pools["default"]?.calls.submitted ?? 0;
    const math = py.import("math");
    expect(await py.call("builtins:sum", [[math.sqrt(4), math.sqrt(9)]])).toBe(5);
    expect(await py.call("shop:greet", [], kw({ name: py.eval("'A' + 'B'") }))).toBe("Hi AB");
    expect(py.status().pools["default"]?.calls.submitted).toBe(before + 2);
  });

  test("refuses a name that is none, and says what was meant", async () => {
    const { py } = opened;
    expect((await failureOf(py.call("math.sqrt", [2]))).message).toBe(
      'Cannot call "math.sqrt": names are module:function, as in "math:sqrt"',
    );
    expect((await failureOf(py.call("len", [[]]))).message).toContain('as in "builtins:len"');
    expect(await failureOf(py.call(5 as never))).toBeInstanceOf(TypeError);
  });

  test("names the pool that there is when one is mistyped", async () => {
    const error = await failureOf(opened.py.call("math:sqrt", [2], { pool: "defaul" }));
    expect(isAmphisError(error, "POOL_UNKNOWN") && error.suggestions).toEqual(["default"]);
  });

  test("gives up at its deadline", async () => {
    const error = await failureOf(opened.py.call("shop:sleep_long", [], { timeoutMs: 50 }));
    expect(isAmphisError(error, "CALL_TIMEOUT") && error.call).toBe("shop:sleep_long");
  });

  test("gives up when its signal says so", async () => {
    const { py } = opened;
    const stop = new AbortController();
    const call = py.call("shop:apply", [() => stop.abort(new Error("enough"))], {
      signal: stop.signal,
    });
    const error = await failureOf(call);
    expect(isAmphisError(error, "CALL_CANCELLED") && error.reason).toBe("enough");
    expect(error.cause).toEqual(new Error("enough"));
  });
});

describe("an exception of Python", () => {
  test("is an error with its type, its text and where it was raised", async () => {
    const error = await failureOf(opened.py.call("shop:deep", ["x"]));
    if (!isAmphisError(error, "PYTHON_ERROR")) throw error;
    expect(error.type).toBe("ValueError");
    expect(error.text).toBe("invalid literal for int() with base 10: 'x'");
    expect(error.traceback.map((frame) => frame.function)).toEqual(["deep", "inner"]);
  });

  test("has the place of the call in its stack", async () => {
    async function whoAsks(): Promise<void> {
      await opened.py.call("shop:deep", ["x"]);
    }
    expect((await failureOf(whoAsks())).stack).toMatch(/at inner .*shop\.py.*at (async )?whoAsks/s);
  });
});

describe("an error of a name without end", () => {
  const long = "x".repeat(1_000_000);

  test.each<readonly [string, (py: Python) => PromiseLike<unknown>]>([
    ["function", (py) => py.call(`math:${long}`)],
    ["module of a call", (py) => py.call(`${long}:sqrt`)],
    ["module of a chain", (py) => py.import(long).sqrt(4)],
    ["attribute", (py) => py.import("math")[long]],
    ["method", (py) => py.import("math")[long](4)],
  ])("is short: %s", async (_name, call) => {
    const { message } = await failureOf(call(opened.py));
    expect(message).toMatch(/x{50}/u);
    expect(message.length).toBeLessThan(2_000);
  });
});

describe("a call that is aborted", () => {
  const evil = Object.defineProperty({}, Symbol.toStringTag, {
    get: () => {
      throw new Error("no text");
    },
  });

  test.each<readonly [string, unknown, RegExp]>([
    ["an error", new RangeError("enough"), /: enough$/u],
    ["a text", "enough", /: enough$/u],
    ["an object", { why: "enough", of: { what: 1 } }, /: \{ why: 'enough', of: \{ what: 1 \} \}$/u],
    ["a long text", "y".repeat(9_999), /: y{199}…$/u],
    // What is made of it is a matter of the version of Node.
    ["an object that throws when it is shown", evil, /: its caller cancelled it: ./u],
  ])("says why: %s", async (_name, reason, text) => {
    const stop = new AbortController();
    const call = failureOf(opened.py.call("shop:greet", ["Ada"], { signal: stop.signal }));
    stop.abort(reason);
    expect(await call).toMatchObject({
      code: "CALL_CANCELLED",
      message: expect.stringMatching(text) as string,
    });
  });
});

describe("an error of the pool", () => {
  test("has the place of the call in its stack", async () => {
    async function whoWaits(): Promise<void> {
      await opened.py.call("shop:sleep_long", [], { timeoutMs: 50 });
    }
    async function whoCrashes(): Promise<void> {
      const os = opened.py.import("os");
      await os.kill(os.getpid(), 9);
    }
    const late = await failureOf(whoWaits());
    expect(isAmphisError(late, "CALL_TIMEOUT") && late.stack).toMatch(/at (async )?whoWaits/);
    const dead = await failureOf(whoCrashes());
    expect(isAmphisError(dead, "WORKER_CRASHED") && dead.stack).toMatch(/at (async )?whoCrashes/);
  });
});

describe("what Python prints", () => {
  test("is heard with the worker and the pool", async () => {
    await opened.py.call("builtins:print", ["a line that is printed"]);
    const entry = await opened.logged("a line that is printed");
    expect(entry).toMatchObject({ pool: "default", worker: expect.any(Number), stream: "stdout" });
  });
});
