import type { Priority } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { gate } from "../../test/bus/gate.ts";
import { TRANSPORTS, WAYS } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";

describe.each([...WAYS, ...TRANSPORTS])("an endpoint $way", ({ open }) => {
  test("handles no more requests at once than its concurrency", async () => {
    const { caller, callee } = await open();
    const release = gate();
    let running = 0;
    let most = 0;
    await callee.register(
      "work",
      async () => {
        running += 1;
        most = Math.max(most, running);
        await release.opened;
        running -= 1;
      },
      { concurrency: 3 },
    );
    const requests = Array.from({ length: 10 }, async () => caller.request("work"));
    await until(() => running === 3);
    release.open();
    await Promise.all(requests);
    expect(most).toBe(3);
  });

  test("refuses with ENDPOINT_BUSY what its queue has no room for, and answers the rest", async () => {
    const { caller, callee } = await open();
    const release = gate();
    const endpoint = await callee.register("work", () => release.opened, {
      concurrency: 1,
      maxQueued: 2,
    });
    const kept = [caller.request("work"), caller.request("work"), caller.request("work")];
    const error = await rejection(caller.request("work"));
    expect(error).toMatchObject({ code: "ENDPOINT_BUSY", context: { endpoint: "work", limit: 2 } });
    expect(endpoint.stats).toMatchObject({ running: 1, queued: 2, refused: 1 });
    release.open();
    await Promise.all(kept);
    expect(endpoint.stats).toMatchObject({ running: 0, queued: 0, answered: 3 });
  });

  test("handles what waits by priority, and within one in order", async () => {
    const { caller, callee } = await open();
    const release = gate();
    const handled: unknown[] = [];
    const endpoint = await callee.register(
      "work",
      async (payload) => {
        if (payload === "first") await release.opened;
        handled.push(payload);
      },
      { concurrency: 1 },
    );
    const first = caller.request("work", "first");
    await until(() => endpoint.stats.running === 1);
    const priorities: readonly Priority[] = ["low", "normal", "critical", "high", "normal", "low"];
    const requests = priorities.map(async (priority, i) =>
      caller.request("work", `${priority} ${i}`, { priority }),
    );
    await until(() => endpoint.stats.queued === priorities.length);
    release.open();
    await Promise.all([first, ...requests]);
    expect(handled).toEqual([
      "first",
      "critical 2",
      "high 3",
      "normal 1",
      "normal 4",
      "low 0",
      "low 5",
    ]);
  });

  test("never hands an expired request to its handler", async () => {
    const { caller, callee } = await open();
    const release = gate();
    const handled: unknown[] = [];
    const endpoint = await callee.register(
      "work",
      async (payload) => {
        handled.push(payload);
        await release.opened;
      },
      { concurrency: 1 },
    );
    const first = caller.request("work", "first");
    await until(() => endpoint.stats.running === 1);
    await caller.send("work", "late", { ttlMs: 700 });
    await until(() => endpoint.stats.queued === 1);
    await callee.register("never", () => new Promise<null>(() => undefined));
    const timeout = await rejection(caller.request("never", null, { timeoutMs: 800 }));
    expect(timeout).toMatchObject({ code: "REQUEST_TIMEOUT" });
    release.open();
    await first;
    await caller.request("work", "last");
    expect(endpoint.stats.expired).toBe(1);
    expect(handled).toEqual(["first", "last"]);
  });

  test("takes messages that want no answer", async () => {
    const { caller, callee } = await open();
    const got = gate<unknown>();
    await callee.register("log", (payload) => got.open(payload));
    await caller.send("log", { line: 1 });
    expect(await got.opened).toEqual({ line: 1 });
    expect(caller.stats.pendingCalls).toBe(0);
  });

  test("is reached by what it can do", async () => {
    const { caller, callee } = await open();
    await callee.register("images", (_, { endpoint, message }) => [endpoint, message.target], {
      capabilities: ["resize", "crop"],
    });
    expect(await caller.request("@crop")).toEqual(["images", "@crop"]);
    const error = await rejection(caller.request("@rotate"));
    expect(error).toMatchObject({ code: "ENDPOINT_NOT_FOUND" });
  });

  test("has a name of its own", async () => {
    const { caller, callee } = await open();
    await callee.register("one", () => null);
    for (const bus of [caller, callee]) {
      expect(await rejection(bus.register("one", () => null))).toMatchObject({
        code: "ENDPOINT_EXISTS",
        context: { endpoint: "one" },
      });
    }
  });

  test("shares its name with others that share, and each gets its part", async () => {
    const { caller, callee } = await open();
    const handled = { a: 0, b: 0, c: 0 };
    const count = (key: keyof typeof handled) => () => {
      handled[key] += 1;
    };
    await callee.register("work", count("a"), { shared: true });
    await callee.register("work", count("b"), { shared: true });
    const c = await caller.register("work", count("c"), { shared: true });
    for (let i = 0; i < 30; i += 1) await caller.request("work");
    expect(handled.a + handled.b + handled.c).toBe(30);
    for (const each of Object.values(handled)) expect(each).toBeGreaterThanOrEqual(5);
    await c.close();
    const before = handled.c;
    for (let i = 0; i < 10; i += 1) await caller.request("work");
    expect(handled.c).toBe(before);
  });

  test("refuses names and options that make no sense, and registers nothing", async () => {
    const { caller, callee } = await open();
    for (const name of ["", "a*", "a b\n", "@x", "$x", "a..b", "x".repeat(256)]) {
      expect(await rejection(callee.register(name, () => null))).toMatchObject({
        code: "NAME_INVALID",
      });
    }
    const noFunction = "text" as unknown as () => null;
    expect(await rejection(callee.register("x", noFunction))).toBeInstanceOf(TypeError);
    for (const options of [{ concurrency: 0 }, { concurrency: 1.5 }, { maxQueued: Number.NaN }]) {
      expect(await rejection(callee.register("x", () => null, options))).toBeInstanceOf(RangeError);
    }
    const metadata = { bad: (() => null) as unknown as string };
    expect(await rejection(callee.register("x", () => null, { metadata }))).toBeInstanceOf(Error);
    expect(callee.stats.endpoints).toBe(0);
    expect(await caller.find()).toEqual([]);
  });

  test("answers what is under way when it is drained, and takes nothing more", async () => {
    const { caller, callee } = await open();
    const release = gate();
    const started = gate();
    const endpoint = await callee.register("work", async () => {
      started.open();
      await release.opened;
      return "done";
    });
    const request = caller.request("work");
    await started.opened;
    const drained = endpoint.drain();
    await until(() => callee.stats.endpoints === 1 && endpoint.stats.running === 1);
    release.open();
    await drained;
    expect(await request).toBe("done");
    expect(await rejection(caller.request("work"))).toMatchObject({ code: "ENDPOINT_NOT_FOUND" });
    expect(callee.stats.endpoints).toBe(0);
  });

  test("fails what is under way with ENDPOINT_GONE when it is closed, even while it drains", async () => {
    const { caller, callee } = await open();
    const started = gate();
    const endpoint = await callee.register("work", () => {
      started.open();
      return new Promise<null>(() => undefined);
    });
    const request = rejection(caller.request("work"));
    await started.opened;
    const drained = endpoint.drain();
    await endpoint.close();
    expect(await request).toMatchObject({ code: "ENDPOINT_GONE" });
    await drained;
    expect(callee.stats.endpoints).toBe(0);
  });
});
