import { expect, test } from "vitest";

import { gate } from "../../test/bus/gate.ts";
import { opened, unixAddress } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";
import type { Bus, BusOptions } from "./bus.ts";
import { openBus } from "./open-bus.ts";

const FAST = { backoff: { initialMs: 1, maxMs: 20 } } as const;

interface Scene {
  readonly address: string;
  readonly hub: Bus;
  readonly member: Bus;
  readonly states: string[];
}

async function scene(options: BusOptions = {}): Promise<Scene> {
  const address = unixAddress();
  const hub = await opened({ name: "hub", listen: address });
  const states: string[] = [];
  const member = await opened({
    join: address,
    name: "member",
    reconnect: FAST,
    onState: ({ kind }) => states.push(kind),
    ...options,
  });
  return { address, hub, member, states };
}

/** A hub at the address of one that is gone; waits for the member to be back. */
async function hubAgain(address: string, member: Bus): Promise<Bus> {
  const hub = await opened({ name: "hub", listen: address });
  await until(() => member.state.kind === "open");
  return hub;
}

test("a member has everything set up again before it goes on with a new hub", async () => {
  const { address, hub, member, states } = await scene();
  const heard: unknown[] = [];
  await member.register("echo", (payload) => payload, { capabilities: ["mirror"] });
  await member.subscribe("news", (payload) => void heard.push(payload));
  await member.route({ pattern: "old", to: "echo" });
  const closed = await member.register("gone", () => null);
  await closed.close();
  await hub.close();
  await until(() => member.state.kind === "reconnecting");
  const again = await hubAgain(address, member);
  expect(await again.request("echo", 1)).toBe(1);
  expect(await again.request("@mirror", 2)).toBe(2);
  expect(await again.request("old", 3)).toBe(3);
  expect((await again.find()).map(({ name }) => name)).toEqual(["echo"]);
  await again.publish("news", "back");
  await until(() => heard.length === 1);
  expect(heard).toEqual(["back"]);
  // While the old hub was still closing, an attempt or more may have failed.
  expect(states.filter((kind, i) => kind !== states[i - 1])).toEqual(["reconnecting", "open"]);
  expect(member.stats).toMatchObject({ endpoints: 1, subscriptions: 1, peers: 1 });
});

test("an endpoint is to a new hub what it said of itself to the old one", async () => {
  const { address, hub, member } = await scene();
  const endpoint = await member.register("echo", (payload) => payload);
  await endpoint.report("degraded", "it is hot");
  await hub.close();
  await until(() => member.state.kind === "reconnecting");
  const again = await hubAgain(address, member);
  expect(await again.find()).toMatchObject([{ status: "degraded", reason: "it is hot" }]);
});

test("a watcher hears what came and went while there was no hub", async () => {
  const { address, hub, member } = await scene();
  await hub.register("old", () => null);
  await member.register("own", () => null);
  const heard: string[] = [];
  await member.watch(({ kind, endpoint: { name } }) => heard.push(`${kind} ${name}`));
  expect(heard).toEqual(["up old", "up own"]);
  await hub.close();
  await until(() => member.state.kind === "reconnecting");
  heard.splice(0);
  const again = await openBus({ name: "hub", listen: address });
  await again.register("new", () => null);
  await until(() => heard.includes("down old") && heard.includes("up new"));
  await again.register("late", () => null);
  await until(() => heard.at(-1) === "up late");
  expect(heard.sort()).toEqual(["down old", "up late", "up new"]);
  await again.close();
});

test("requests that were under way fail with CONNECTION_CLOSED, and so do streams", async () => {
  const { hub, member } = await scene();
  await hub.register("stuck", () => new Promise<null>(() => undefined));
  await hub.register("stream", async function* () {
    yield 1;
    await new Promise(() => undefined);
  });
  const stream = member.stream("stream");
  await stream.next();
  const pending = [rejection(member.request("stuck")), rejection(stream.next())];
  await until(() => hub.stats.requests === 2);
  await hub.close();
  for (const error of await Promise.all(pending)) {
    expect(error).toMatchObject({
      code: expect.stringMatching(/CONNECTION_CLOSED|ENDPOINT_GONE/),
    });
  }
  expect(member.stats.pendingCalls).toBe(0);
});

test("a request that is made as soon as another has failed fails as well", async () => {
  const { hub, member } = await scene();
  await hub.register("stuck", () => new Promise<null>(() => undefined));
  const second = (async () => {
    await rejection(member.request("stuck"));
    return rejection(member.request("stuck", null, { timeoutMs: Infinity }));
  })();
  await until(() => hub.stats.requests === 1);
  await hub.close();
  expect(await second).toMatchObject({ code: "CONNECTION_CLOSED" });
  expect(member.stats.pendingCalls).toBe(0);
});

test("what a member does meanwhile fails at once, or waits and goes out in order", async () => {
  const { address, hub, member } = await scene();
  await hub.close();
  await until(() => member.state.kind === "reconnecting");
  for (const act of [
    () => member.request("echo"),
    () => member.publish("news"),
    () => member.send("echo"),
    () => member.stream("echo").next(),
    () => member.find(),
    () => member.register("new", () => null),
    () => member.subscribe("new", () => undefined),
  ]) {
    expect(await rejection(act())).toMatchObject({ code: "CONNECTION_CLOSED" });
  }
  const options = { whileDown: "queue" } as const;
  const published = [1, 2, 3].map(async (i) => member.publish("news", i, options));
  const request = member.request("echo", "later", options);
  const streamed = member.stream("count", null, options).next();
  const heard: unknown[] = [];
  const next = await openBus({ name: "hub", listen: address });
  const subscribed = next.subscribe("news", (payload) => void heard.push(payload));
  const registered = next.register("echo", (payload) => payload);
  const counting = next.register("count", async function* () {
    yield 1;
  });
  await Promise.all([subscribed, registered, counting]);
  expect(await request).toBe("later");
  expect(await streamed).toEqual({ value: 1, done: false });
  await Promise.all(published);
  await until(() => heard.length === 3);
  expect(heard).toEqual([1, 2, 3]);
  expect(member.stats).toMatchObject({ endpoints: 0, subscriptions: 0, refused: 0 });
  await next.close();
});

test("a request that waits for the hub keeps its deadline and its signal", async () => {
  const { hub, member } = await scene();
  await hub.close();
  await until(() => member.state.kind === "reconnecting");
  const options = { whileDown: "queue", timeoutMs: 30 } as const;
  expect(await rejection(member.request("echo", 1, options))).toMatchObject({
    code: "REQUEST_TIMEOUT",
  });
  const controller = new AbortController();
  const { signal } = controller;
  const request = rejection(member.request("echo", 1, { whileDown: "queue", signal }));
  const reason = new Error("never mind");
  controller.abort(reason);
  expect(await request).toBe(reason);
  const waiting = rejection(member.publish("news", 1, { whileDown: "queue" }));
  await member.close();
  expect(await waiting).toMatchObject({ code: expect.stringMatching(/CLOSED/) });
});

test("what waits is bounded, and what is too large for the next connection fails alone", async () => {
  const { address, hub, member } = await scene({
    queueBytes: 200_000,
    connection: { maxFrameBytes: 65_536 },
  });
  await hub.close();
  await until(() => member.state.kind === "reconnecting");
  const options = { whileDown: "queue" } as const;
  const large = rejection(member.publish("news", new Uint8Array(100_000), options));
  const largeRequest = rejection(member.request("echo", new Uint8Array(70_000), options));
  const small = member.publish("news", "small", options);
  const much = new Uint8Array(60_000);
  expect(await rejection(member.publish("news", much, options))).toMatchObject({
    code: "SEND_QUEUE_FULL",
  });
  await hubAgain(address, member);
  expect(await large).toMatchObject({ code: "FRAME_TOO_LARGE" });
  expect(await largeRequest).toMatchObject({ code: "FRAME_TOO_LARGE" });
  await small;
  expect(member.state.kind).toBe("open");
});

test("a member that shall not connect again is closed with the error", async () => {
  const { hub, member, states } = await scene({ reconnect: false });
  const subscription = await member.subscribe("news", () => undefined);
  await hub.close();
  const error = await member.closed;
  expect(error).toMatchObject({ code: "RECONNECT_EXHAUSTED" });
  expect(member.state).toEqual({ kind: "closed", error });
  expect(states.at(-1)).toBe("closed");
  await subscription.ended;
  expect(await rejection(member.request("x"))).toMatchObject({ code: "BUS_CLOSED" });
});

test("handlers of a member hear when the hub is lost", async () => {
  const { hub, member } = await scene();
  const started = gate<AbortSignal>();
  await member.register("slow", (_, { signal }) => {
    started.open(signal);
    return new Promise<null>(() => undefined);
  });
  const request = rejection(hub.request("slow"));
  const signal = await started.opened;
  await hub.close();
  expect(await request).toMatchObject({ code: "BUS_CLOSED" });
  await until(() => signal.aborted);
});

test("closing what lasts works while there is no hub, and it is not set up again", async () => {
  const { address, hub, member } = await scene();
  const endpoint = await member.register("gone", () => null);
  const subscription = await member.subscribe("news", () => undefined);
  await member.register("kept", () => null);
  await hub.close();
  await until(() => member.state.kind === "reconnecting");
  await endpoint.close();
  await subscription.close();
  const again = await hubAgain(address, member);
  expect((await again.find()).map(({ name }) => name)).toEqual(["kept"]);
  expect(member.stats).toMatchObject({ endpoints: 1, subscriptions: 0 });
});
