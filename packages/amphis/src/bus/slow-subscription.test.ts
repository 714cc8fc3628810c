import type { Value } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import type { Bus, SubscribeOptions, Subscription } from "./bus.ts";
import { gate, type Gate } from "../../test/bus/gate.ts";
import { opened, WAYS } from "../../test/bus/three-ways.ts";
import { until } from "../../test/wait.ts";

interface Blocked {
  readonly heard: Value[];
  readonly release: Gate;
  readonly subscription: Subscription;
}

/** A subscription whose handler is at its first message, and stays there. */
async function blocked(caller: Bus, callee: Bus, options: SubscribeOptions): Promise<Blocked> {
  const heard: Value[] = [];
  const release = gate();
  const subscription = await callee.subscribe(
    "log",
    async (payload) => {
      heard.push(payload);
      await release.opened;
    },
    options,
  );
  await caller.publish("log", 0);
  await until(() => heard.length === 1);
  return { heard, release, subscription };
}

/** Publishes 1 to `count`, and waits until all have arrived. */
async function publish(caller: Bus, callee: Bus, count: number): Promise<void> {
  let arrived = 0;
  const all = await callee.subscribe("log", () => {
    arrived += 1;
  });
  for (let i = 1; i <= count; i += 1) await caller.publish("log", i);
  await until(() => arrived === count);
  await all.close();
}

describe.each(WAYS)("a slow subscription $way", ({ open }) => {
  test("drops the oldest, and counts them", async () => {
    const { caller, callee } = await open();
    const { heard, release, subscription } = await blocked(caller, callee, { maxMessages: 3 });
    await publish(caller, callee, 10);
    expect(subscription.stats).toEqual({ delivered: 1, dropped: 7, expired: 0, queued: 3 });
    expect(callee.stats.dropped).toBe(7);
    release.open();
    await subscription.drain();
    expect(heard).toEqual([0, 8, 9, 10]);
  });

  test("drops the newest, and counts them", async () => {
    const { caller, callee } = await open();
    const { heard, release, subscription } = await blocked(caller, callee, {
      maxMessages: 3,
      slowPolicy: "drop-newest",
    });
    await publish(caller, callee, 10);
    expect(subscription.stats).toEqual({ delivered: 1, dropped: 7, expired: 0, queued: 3 });
    release.open();
    await subscription.drain();
    expect(heard).toEqual([0, 1, 2, 3]);
  });

  test("ends with SUBSCRIBER_SLOW when it asked for that, and the others go on", async () => {
    const { caller, callee } = await open();
    const { heard, release, subscription } = await blocked(caller, callee, {
      maxMessages: 3,
      slowPolicy: "disconnect",
    });
    await publish(caller, callee, 10);
    expect(await subscription.ended).toMatchObject({
      code: "SUBSCRIBER_SLOW",
      context: { pattern: "log", limit: 3 },
    });
    release.open();
    expect(heard).toEqual([0]);
    expect(callee.stats.subscriptions).toBe(0);
    await subscription.close();
    await subscription.drain();
  });

  test("of the lowest priority loses first", async () => {
    const { caller, callee } = await open();
    const { heard, release, subscription } = await blocked(caller, callee, { maxMessages: 2 });
    await caller.publish("log", "low", { priority: "low" });
    await caller.publish("log", "high", { priority: "high" });
    await caller.publish("log", "normal");
    await until(() => subscription.stats.dropped === 1);
    release.open();
    await subscription.drain();
    expect(heard).toEqual([0, "high", "normal"]);
  });
});

test("a subscription that ends while it is being made leaves nothing behind", async () => {
  const bus = await opened();
  const options = { maxMessages: 1, slowPolicy: "disconnect" } as const;
  const subscribing = bus.subscribe("log", () => new Promise(() => undefined), options);
  for (let i = 0; i < 5; i += 1) void bus.publish("log", i);
  const subscription = await subscribing;
  expect(await subscription.ended).toMatchObject({ code: "SUBSCRIBER_SLOW" });
  expect(bus.stats.subscriptions).toBe(0);
});

test("a subscription refuses limits and policies that make no sense", async () => {
  const bus = await opened();
  const policy = "wait" as unknown as "disconnect";
  for (const options of [{ maxMessages: 0 }, { maxMessages: 2 ** 31 }, { maxMessages: 1.5 }]) {
    await expect(bus.subscribe("a", () => undefined, options)).rejects.toThrow(RangeError);
  }
  await expect(bus.subscribe("a", () => undefined, { slowPolicy: policy })).rejects.toThrow(
    TypeError,
  );
});
