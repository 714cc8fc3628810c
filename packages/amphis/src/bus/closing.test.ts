import { describe, expect, test } from "vitest";

import { aborted, gate } from "../../test/bus/gate.ts";
import { TRANSPORTS, unixAddress, WAYS } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";
import { openBus } from "./open-bus.ts";

describe.each([...WAYS, ...TRANSPORTS])("closing a bus $way", ({ open }) => {
  test("fails its requests with BUS_CLOSED, and aborts its handlers", async () => {
    const { caller, callee } = await open();
    const abort = gate<unknown>();
    let started = 0;
    await callee.register("stuck", async (_, { signal }) => {
      started += 1;
      abort.open(await aborted(signal));
    });
    const streaming = caller.stream("stuck");
    const requests = [rejection(caller.request("stuck")), rejection(streaming.next())];
    await until(() => started === 2);
    await caller.close();
    for (const error of await Promise.all(requests)) {
      expect(error).toMatchObject({ code: "BUS_CLOSED" });
    }
    await abort.opened;
    expect(caller.stats).toMatchObject({ pendingCalls: 0, endpoints: 0, subscriptions: 0 });
    await until(() => caller === callee || callee.stats.pendingCalls === 0);
  });

  test("ends its subscriptions, and nothing can be done with it any more", async () => {
    const { caller } = await open();
    const subscription = await caller.subscribe("log", () => undefined);
    await caller.close();
    expect(await subscription.ended).toBeUndefined();
    for (const act of [
      () => caller.request("x"),
      () => caller.send("x"),
      () => caller.publish("x"),
      () => caller.stream("x").next(),
      () => caller.subscribe("x", () => undefined),
      () => caller.register("x", () => null),
      () => caller.route({ pattern: "x", to: "y" }),
      () => caller.find(),
      () => caller.watch(() => undefined),
      () => caller.health(),
    ]) {
      expect(await rejection(act())).toMatchObject({ code: "BUS_CLOSED" });
    }
  });

  test("works once, from any state, and in any order with draining", async () => {
    const { caller, callee, hub } = await open();
    for (const bus of new Set([caller, callee, hub])) {
      await Promise.all([bus.drain(), bus.drain(), bus.close(), bus.close()]);
      await bus.drain();
      await bus.close();
      await bus[Symbol.asyncDispose]();
      expect(bus.state).toEqual({ kind: "closed", error: undefined });
    }
  });
});

test("closed buses leave no handle open", async () => {
  const handles = (): string[] =>
    process.getActiveResourcesInfo().filter((name) => /Timeout|Pipe|Server|Socket/.test(name));
  const before = handles().length;
  const hub = await openBus({ listen: unixAddress() });
  const member = await openBus({ join: hub.addresses[0] });
  await member.register("echo", (payload) => payload);
  await hub.request("echo", 1);
  await member.close();
  await hub.close();
  await until(() => handles().length <= before);
});
