import { isAmphisError, keep, openPython, type PyObject } from "amphis";
import { describe, expect, onTestFinished, test } from "vitest";

import { failureOf, openedPython } from "./opened.ts";

const opened = openedPython({ workers: 2, minWorkers: 2 });

describe("a session", () => {
  test("makes all its calls on one worker", async () => {
    await using session = await opened.py.session({ name: "cart" });
    const pids = await Promise.all(
      Array.from({ length: 10 }, () => session.call<number>("os:getpid")),
    );
    expect(new Set(pids).size).toBe(1);
    expect(opened.py.sessions()).toEqual([
      { name: "cart", pool: "default", affinity: "queue", worker: session.worker },
    ]);
    expect(session.worker).toBeTypeOf("number");
  });

  test("keeps what its calls leave behind in Python", async () => {
    await using session = await opened.py.session();
    const space = await session.exec("x = 1");
    await session.exec("x += 1", space);
    expect(await session.eval("x", space)).toBe(2);
    expect(await session.import("shop").greet("Ada")).toBe("Hi Ada");
  });

  test("can be named by a call of everybody", async () => {
    const { py } = opened;
    await using session = await py.session();
    const pid = await session.call("os:getpid");
    expect(await py.call("os:getpid", [], { session })).toBe(pid);
    expect(await py.import("os").getpid().with({ session })).toBe(pid);
  });

  test("counts what is done with its live objects as its own calls", async () => {
    await using session = await opened.py.session();
    const [basket] = await session.call<[PyObject]>("shop:later", [
      [await keep(session.import("shop").Basket("Ada"))],
    ]);
    const other = await opened.py.session();
    const mixed = failureOf(basket.add(await keep(other.eval("print"))));
    expect(isAmphisError(await mixed, "HANDLE_ELSEWHERE")).toBe(true);
    await other.close();
    expect(await basket.owner).toBe("Ada");
  });

  test("is closed in a callback of its own call without waiting for that call", async () => {
    const { py } = opened;
    const session = await py.session({ name: "inner" });
    const basket = await keep(session.import("shop").Basket("Ada"));
    const close = async (): Promise<unknown> => {
      await session.close();
      const failure = await failureOf(session.call("shop:greet", ["Ada"]));
      return isAmphisError(failure) && failure.code;
    };
    expect(await session.call("shop:apply", [close])).toBe("SESSION_CLOSED");
    await session.close();
    expect(py.sessions().filter(({ name }) => name === "inner")).toEqual([]);
    const shown = failureOf(py.call("shop:later", [basket]));
    expect(isAmphisError(await shown, "HANDLE_GONE")).toBe(true);
  });

  test("releases its live objects when it ends", async () => {
    let basket: PyObject;
    {
      await using session = await opened.py.session();
      basket = await keep(session.import("shop").Basket("Ada"));
      expect(await basket.owner).toBe("Ada");
    }
    expect(isAmphisError(await failureOf(basket.owner), "SESSION_CLOSED")).toBe(true);
    const shown = opened.py.call("shop:later", [basket]);
    expect(isAmphisError(await failureOf(shown), "HANDLE_GONE")).toBe(true);
    expect(opened.py.sessions()).toEqual([]);
  });

  test("takes no calls when it is over, and calls what cleans up", async () => {
    const { py } = opened;
    const session = await py.session({ cleanUp: ["shop:events.clear"] });
    const events = await session.import("shop").events.append("left");
    expect(events).toBeNull();
    await session.close();
    await session.close();
    expect(isAmphisError(await failureOf(session.call("os:getpid")), "SESSION_CLOSED")).toBe(true);
  });

  test("refuses options that there are not", async () => {
    expect((await failureOf(opened.py.session({ ttl: 5 } as object))).message).toBe(
      'Cannot begin session: there is no option "ttl"; did you mean ttlMs?',
    );
  });
});

test("objects of different workers cannot meet in one chain", async () => {
  const baskets = new Map<number | undefined, PyObject>();
  while (baskets.size < 2) {
    const session = await opened.py.session();
    onTestFinished(() => session.close());
    const basket = await keep(session.import("shop").Basket("Ada"));
    baskets.set(session.worker, basket);
  }
  const error = await failureOf(opened.py.call("shop:later", [[...baskets.values()]]));
  expect(isAmphisError(error, "HANDLE_ELSEWHERE")).toBe(true);
});

describe("what a pool says of its sessions", () => {
  test("holds for those that say nothing themselves, from options and from the configuration", async () => {
    await using py = await openPython({
      workers: 1,
      config: { pools: { default: { sessions: { affinity: "fail", maxCalls: 2 } } } },
      sessions: { maxCalls: 1 },
    });
    await using usual = await py.session({ name: "usual" });
    await using own = await py.session({ name: "own", affinity: "hint", maxCalls: undefined });
    expect(py.sessions().map(({ name, affinity }) => [name, affinity])).toEqual([
      ["usual", "fail"],
      ["own", "hint"],
    ]);
    const first = usual.call("math:sqrt", [4]);
    await expect(usual.call("math:sqrt", [9])).rejects.toMatchObject({ code: "SESSION_BUSY" });
    expect(await first).toBe(2);
    const other = own.call("math:sqrt", [4]);
    await expect(own.call("math:sqrt", [9])).rejects.toMatchObject({ code: "SESSION_BUSY" });
    expect(await other).toBe(2);
  });

  test("is refused when it makes no sense", async () => {
    const short = openPython({ config: false, sessions: { ttlMs: 0 } });
    await expect(short).rejects.toThrow("sessions.ttlMs must be a number of 1 or more");
    // @ts-expect-error for programs without types
    const odd = openPython({ config: false, sessions: { affinity: "stick" } });
    await expect(odd).rejects.toThrow("sessions.affinity must be queue, fail, hint");
    // @ts-expect-error for programs without types
    const unknown = openPython({ config: false, sessions: { ttl: 1 } });
    await expect(unknown).rejects.toThrow("did you mean ttlMs?");
  });
});
