import type { Priority, Value } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { gate } from "../../test/bus/gate.ts";
import { TRANSPORTS, WAYS } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";

describe.each([...WAYS, ...TRANSPORTS])("an event $way", ({ open }) => {
  test("reaches every subscription whose pattern matches, with what it says of itself", async () => {
    const { caller, callee } = await open();
    const heard: Record<string, Value[]> = { exact: [], one: [], rest: [], other: [] };
    const hear = (key: string) => (payload: Value) => void heard[key]?.push(payload);
    await callee.subscribe("prices.eu.gold", hear("exact"));
    await callee.subscribe("prices.*.gold", hear("one"));
    await callee.subscribe("prices.#", hear("rest"));
    await callee.subscribe("prices.us.*", hear("other"));
    const last = gate<unknown>();
    await callee.subscribe("end", (_, { source, target, metadata, priority }) =>
      last.open({ source, target, metadata, priority }),
    );
    await caller.publish("prices.eu.gold", 1);
    await caller.publish("prices.eu.silver", 2);
    await caller.publish("end", null, { metadata: { of: "day" } });
    expect(await last.opened).toEqual({
      source: "caller",
      target: "end",
      metadata: { of: "day" },
      priority: "normal",
    });
    expect(heard).toEqual({ exact: [1], one: [1], rest: [1, 2], other: [] });
    expect(caller.stats.published).toBe(3);
  });

  test("passes a filter on its header and its payload, or is not delivered", async () => {
    const { caller, callee } = await open();
    const heard: Value[] = [];
    const all = gate();
    await callee.subscribe("prices", (payload) => void heard.push(payload), {
      filter: { "payload.price": { gt: 10 }, "metadata.market": "eu" },
    });
    await callee.subscribe("prices", (payload) => {
      if (payload === "end") all.open();
    });
    await caller.publish("prices", { price: 11 }, { metadata: { market: "eu" } });
    await caller.publish("prices", { price: 9 }, { metadata: { market: "eu" } });
    await caller.publish("prices", { price: 12 }, { metadata: { market: "us" } });
    await caller.publish("prices", "end");
    await all.opened;
    expect(heard).toEqual([{ price: 11 }]);
  });

  test("goes to one of a queue group, and each of the group gets its part", async () => {
    const { caller, callee } = await open();
    const heard: number[][] = [[], [], []];
    for (const list of heard) {
      await callee.subscribe("jobs.*", (payload) => void list.push(payload as number), {
        group: "workers",
      });
    }
    const everyone: Value[] = [];
    await callee.subscribe("jobs.#", (payload) => void everyone.push(payload));
    for (let i = 0; i < 300; i += 1) await caller.publish(`jobs.${i % 7}`, i);
    await until(() => everyone.length === 300 && heard.flat().length >= 300);
    expect(heard.flat().sort((a, b) => a - b)).toEqual(everyone);
    for (const list of heard) expect(list.length).toBeGreaterThanOrEqual(50);
  });

  test("comes in the order in which it was published, one at a time", async () => {
    const { caller, callee } = await open();
    const heard: Value[] = [];
    let running = 0;
    let most = 0;
    await callee.subscribe("log", async (payload) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      heard.push(payload);
      running -= 1;
    });
    const sent = Array.from({ length: 200 }, (_, i) => i);
    await Promise.all(sent.map(async (i) => caller.publish("log", i)));
    await until(() => heard.length === sent.length);
    expect(heard).toEqual(sent);
    expect(most).toBe(1);
  });

  test("of a higher priority is handled first where events wait", async () => {
    const { caller, callee } = await open();
    const release = gate();
    const heard: Value[] = [];
    const subscription = await callee.subscribe("log", async (payload) => {
      heard.push(payload);
      if (payload === "first") await release.opened;
    });
    await caller.publish("log", "first");
    await until(() => heard.length === 1);
    for (const priority of ["low", "normal", "critical", "high"] satisfies Priority[]) {
      await caller.publish("log", priority, { priority });
    }
    await until(() => subscription.stats.queued === 4);
    release.open();
    await until(() => heard.length === 5);
    expect(heard).toEqual(["first", "critical", "high", "normal", "low"]);
  });

  test("that expires while it waits is counted and not delivered", async () => {
    const { caller, callee } = await open();
    const release = gate();
    const heard: Value[] = [];
    const subscription = await callee.subscribe("log", async (payload) => {
      heard.push(payload);
      await release.opened;
    });
    await caller.publish("log", "first");
    await until(() => heard.length === 1);
    await caller.publish("log", "late", { ttlMs: 700 });
    await caller.publish("log", "last");
    await until(() => subscription.stats.queued === 2);
    // Nobody answers within 800 ms: longer than the event is worth.
    await callee.register("never", () => new Promise<null>(() => undefined));
    await rejection(caller.request("never", null, { timeoutMs: 800 }));
    release.open();
    await until(() => heard.length === 2);
    expect(heard).toEqual(["first", "last"]);
    expect(subscription.stats).toEqual({ delivered: 2, dropped: 0, expired: 1, queued: 0 });
    expect(callee.stats.expired).toBe(1);
  });

  test("is handed to no subscription that was closed, and to a drained one whole", async () => {
    const { caller, callee } = await open();
    const heard: string[] = [];
    const release = gate();
    const closed = await callee.subscribe("log", () => void heard.push("closed"));
    const drained = await callee.subscribe("log", async (payload) => {
      await release.opened;
      heard.push(`drained ${String(payload)}`);
    });
    const all = await callee.subscribe("log", () => undefined);
    await closed.close();
    expect(await closed.ended).toBeUndefined();
    for (let i = 0; i < 3; i += 1) await caller.publish("log", i);
    await until(() => all.stats.delivered === 3);
    const draining = drained.drain();
    release.open();
    await draining;
    expect(await drained.ended).toBeUndefined();
    await caller.publish("log", 3);
    await until(() => all.stats.delivered === 4);
    expect(heard).toEqual(["drained 0", "drained 1", "drained 2"]);
    expect(callee.stats.subscriptions).toBe(1);
  });

  test("whose handler throws is told to onError, and the next is handled", async () => {
    const errors: unknown[] = [];
    const { caller, callee } = await open({
      onError: (error, message) => errors.push([(error as Error).message, message.payload]),
    });
    const heard: Value[] = [];
    await callee.subscribe("log", (payload) => {
      if (payload === 1) throw new Error("at once");
      if (payload === 2) return Promise.reject(new Error("later"));
      heard.push(payload);
      return undefined;
    });
    for (const i of [1, 2, 3]) await caller.publish("log", i);
    await until(() => heard.length === 1);
    expect(errors).toEqual([
      ["at once", 1],
      ["later", 2],
    ]);
  });

  test("may not be published to a topic of the hub, nor to none", async () => {
    const { caller } = await open();
    expect(await rejection(caller.publish("$endpoint.up.x", 1))).toMatchObject({
      code: "ACCESS_DENIED",
    });
    for (const topic of ["", "a..b", "a.*", "#"]) {
      expect(await rejection(caller.publish(topic, 1))).toMatchObject({ code: "NAME_INVALID" });
    }
    const noFunction = "text" as unknown as () => void;
    expect(await rejection(caller.subscribe("a", noFunction))).toBeInstanceOf(TypeError);
    for (const pattern of ["", "a.#.b", "a..b", "a*"]) {
      expect(await rejection(caller.subscribe(pattern, () => undefined))).toMatchObject({
        code: "NAME_INVALID",
      });
    }
    expect(caller.stats.subscriptions).toBe(0);
  });
});
