import { isAmphisError, keep, type PyObject } from "amphis";
import { describe, expect, test } from "vitest";

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
  await using one = await opened.py.session();
  await using other = await opened.py.session();
  const baskets = await Promise.all([
    keep(one.import("shop").Basket("Ada")),
    keep(other.import("shop").Basket("Bo")),
  ]);
  expect(one.worker).not.toBe(other.worker);
  const error = await failureOf(opened.py.call("shop:later", [baskets]));
  expect(isAmphisError(error, "HANDLE_ELSEWHERE")).toBe(true);
});
