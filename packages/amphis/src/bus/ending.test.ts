import { describe, expect, test } from "vitest";

import { gate } from "../../test/bus/gate.ts";
import { opened, REMOTE_WAYS, TRANSPORTS, unixAddress, WAYS } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";
import type { BusState } from "./bus.ts";
import { openBus } from "./open-bus.ts";

describe.each([...REMOTE_WAYS, ...TRANSPORTS])("draining a bus $way", ({ open }) => {
  test("finishes requests under way, whose handlers may still use it", async () => {
    const { caller, callee } = await open();
    const started = gate();
    const release = gate();
    const notes: unknown[] = [];
    await caller.register("lookup", (payload) => `looked up ${String(payload)}`);
    await caller.subscribe("done", (payload) => void notes.push(payload));
    await callee.register("work", async () => {
      started.open();
      await release.opened;
      const found = await callee.request("lookup", "x");
      await callee.publish("done", found);
      return found;
    });
    const request = caller.request("work");
    await started.opened;
    const drained = callee.drain();
    expect(callee.state.kind).toBe("draining");
    release.open();
    expect(await request).toBe("looked up x");
    await drained;
    expect(notes).toEqual(["looked up x"]);
    expect(callee.state).toEqual({ kind: "closed", error: undefined });
    expect(await callee.closed).toBeUndefined();
  });
});

test("draining a hub lets handlers under way ask the other endpoints of its process", async () => {
  const hub = await opened({});
  const started = gate();
  const release = gate();
  await hub.register("lookup", (payload) => `looked up ${String(payload)}`);
  await hub.register("work", async () => {
    started.open();
    await release.opened;
    return hub.request("lookup", "x");
  });
  const request = hub.request("work");
  await started.opened;
  const drained = hub.drain();
  release.open();
  expect(await request).toBe("looked up x");
  await drained;
  expect(await rejection(hub.request("lookup", "y"))).toMatchObject({ code: "BUS_CLOSED" });
});

describe.each([...WAYS, ...TRANSPORTS])("draining a bus $way", ({ open }) => {
  test("finishes what it asked for, and hands over every event that was published", async () => {
    const { caller, callee } = await open();
    const release = gate();
    const started = gate();
    await callee.register("work", async () => {
      started.open();
      await release.opened;
      return "done";
    });
    const heard: unknown[] = [];
    await callee.subscribe("log", (payload) => void heard.push(payload));
    const request = caller.request("work");
    await started.opened;
    for (let i = 0; i < 100; i += 1) void caller.publish("log", i);
    const drained = caller.drain();
    release.open();
    expect(await request).toBe("done");
    await drained;
    await until(() => heard.length === 100);
    expect(caller.stats.pendingCalls).toBe(0);
  });

  test("hands over the events that wait for its own handlers", async () => {
    const { caller, callee } = await open();
    const release = gate();
    const heard: unknown[] = [];
    const subscription = await callee.subscribe("log", async (payload) => {
      await release.opened;
      heard.push(payload);
    });
    for (let i = 0; i < 5; i += 1) await caller.publish("log", i);
    await until(() => subscription.stats.delivered + subscription.stats.queued === 5);
    const drained = callee.drain();
    release.open();
    await drained;
    expect(heard).toEqual([0, 1, 2, 3, 4]);
  });

  test("ends when it is closed meanwhile, whatever its handlers do", async () => {
    const { caller, callee } = await open();
    const started = gate();
    await callee.register("stuck", () => {
      started.open();
      return new Promise<null>(() => undefined);
    });
    await callee.subscribe("log", () => new Promise(() => undefined));
    const request = rejection(caller.request("stuck"));
    await caller.publish("log", 1);
    await started.opened;
    const drained = callee.drain();
    await callee.close();
    await drained;
    expect(await request).toMatchObject({
      code: expect.stringMatching(/BUS_CLOSED|ENDPOINT_GONE|CONNECTION_CLOSED/),
    });
  });
});

test("a hub that drains answers its members first, and they notice that it is gone", async () => {
  const hub = await opened({ name: "hub", listen: unixAddress() });
  const [join] = hub.addresses;
  const member = await opened({ join, reconnect: false });
  const other = await opened({ join, reconnect: false });
  const started = gate();
  const release = gate();
  await other.register("work", async () => {
    started.open();
    await release.opened;
    return "done";
  });
  const request = member.request("work");
  await started.opened;
  const drained = hub.drain();
  expect(await rejection(member.request("work"))).toMatchObject({ code: "BUS_CLOSED" });
  release.open();
  expect(await request).toBe("done");
  await drained;
  expect(await member.closed).toMatchObject({ code: "RECONNECT_EXHAUSTED" });
  expect(member.state.kind).toBe("closed");
  expect(await rejection(member.request("work"))).toMatchObject({ code: "BUS_CLOSED" });
});

test("a bus tells of each of its states once", async () => {
  const states: string[] = [];
  const bus = await openBus({ onState: ({ kind }: BusState) => states.push(kind) });
  await bus.drain();
  await bus.close();
  expect(states).toEqual(["draining", "closed"]);
});
