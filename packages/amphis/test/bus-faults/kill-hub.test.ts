import { type Bus, openBus } from "amphis/bus";
import { afterEach, describe, expect, it } from "vitest";

import { rejection, until } from "../wait.ts";
import { Child } from "./child.ts";
import { usePrograms } from "./programs.ts";
import { clear, descriptorsFall, folder, opened } from "./stage.ts";
import { descriptors } from "./usage.ts";

const programs = usePrograms("member", "stuck");

afterEach(clear);

describe("a hub that is killed", () => {
  async function startHub(address: string): Promise<Child> {
    const child = Child.fork(programs.member);
    await child.ask({ act: "open", options: { listen: address, name: "hub" } });
    return child;
  }

  it.each(["connected", "half a hello", "hello", "half a join"])(
    "fails whoever is joining with a typed error when it is killed at: %s",
    async (step) => {
      const path = `${folder()}/hub.sock`;
      const before = descriptors();
      const child = Child.fork(programs.stuck, "hub", path, step);
      await child.says("listening");
      const joining = rejection(openBus({ join: `unix:${path}`, name: "member" }));
      await child.says("there");
      await child.kill();
      expect(await joining).toMatchObject({
        code: expect.stringMatching(/^(CONNECTION_CLOSED|FRAME_TRUNCATED|CONNECT_FAILED)$/),
      });
      await descriptorsFall(before);
    },
  );

  it("fails what is being set up with CONNECTION_CLOSED when it is killed behind the join", async () => {
    const path = `${folder()}/hub.sock`;
    const child = Child.fork(programs.stuck, "hub", path, "joined");
    await child.says("listening");
    const bus = await opened({ join: `unix:${path}`, name: "member" });
    const errors = [
      bus.register("worker", () => null),
      bus.subscribe("news.#", () => undefined),
      bus.route({ pattern: "**", to: "worker" }),
      bus.find(),
      bus.health(),
      bus.watch(() => undefined),
      bus.request("worker"),
    ].map(rejection);
    await child.says("there");
    await child.kill();
    for (const error of await Promise.all(errors)) {
      expect(error).toMatchObject({ code: "CONNECTION_CLOSED" });
    }
    const { pendingCalls, endpoints, subscriptions } = bus.stats;
    expect({ pendingCalls, endpoints, subscriptions }).toEqual({
      pendingCalls: 0,
      endpoints: 0,
      subscriptions: 0,
    });
  });

  it("fails what is under way, and is joined again with everything set up when it comes back", async () => {
    const address = `unix:${folder()}/hub.sock`;
    let child = await startHub(address);
    await child.ask({ act: "register", name: "hub.hang", does: "hang" });
    const states: string[] = [];
    const bus = await opened({
      join: address,
      name: "member",
      reconnect: { backoff: { initialMs: 1, maxMs: 20 } },
      onState: ({ kind }) => states.push(kind),
    });
    const heard: unknown[] = [];
    const aborted: unknown[] = [];
    await bus.register("member.echo", (payload) => payload);
    const hang = await bus.register("member.hang", async (_, { signal }) => {
      signal.addEventListener("abort", () => aborted.push(signal.reason.code));
      return new Promise(() => undefined);
    });
    await bus.subscribe("news.#", (payload) => void heard.push(payload));
    const calls = Array.from({ length: 20 }, async () => rejection(bus.request("hub.hang")));
    await child.ask({ act: "call", target: "member.hang", count: 20 });
    await until(() => hang.stats.running === 20);
    await child.kill();
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: "CONNECTION_CLOSED" });
    }
    await until(() => aborted.length === 20);
    expect(bus.stats).toMatchObject({ pendingCalls: 0, endpoints: 2, subscriptions: 1, peers: 0 });
    const queued = bus.publish("news.queued", "queued", { whileDown: "queue" });
    const asked = bus.request("member.echo", "echo", { whileDown: "queue" });
    expect(await rejection(bus.publish("news.lost", "lost"))).toMatchObject({
      code: "CONNECTION_CLOSED",
    });
    child = await startHub(address);
    await queued;
    expect(await asked).toBe("echo");
    await until(() => heard.length === 1);
    expect(heard).toEqual(["queued"]);
    expect((await bus.find()).map(({ name }) => name).toSorted()).toEqual([
      "member.echo",
      "member.hang",
    ]);
    expect(states).toEqual(["reconnecting", ...states.slice(1, -1), "open"]);
  });

  it("fails the streams that go through it on both sides", async () => {
    const address = `unix:${folder()}/hub.sock`;
    const child = await startHub(address);
    const reader = await opened({ join: address, name: "reader", reconnect: false });
    const writer = await opened({ join: address, name: "writer", reconnect: false });
    let cleanedUp = 0;
    await writer.register("count", async function* () {
      try {
        for (let n = 0; ; n += 1) yield n;
      } finally {
        cleanedUp += 1;
      }
    });
    let items = 0;
    const error = await rejection(
      (async () => {
        for await (const _ of reader.stream("count")) {
          items += 1;
          if (items === 100) void child.kill();
        }
      })(),
    );
    expect(error).toMatchObject({ code: "CONNECTION_CLOSED" });
    await until(() => cleanedUp === 1);
    expect(await reader.closed).toMatchObject({ code: "RECONNECT_EXHAUSTED" });
    expect(await writer.closed).toMatchObject({ code: "RECONNECT_EXHAUSTED" });
  });

  it("does not keep a member from draining", async () => {
    const address = `unix:${folder()}/hub.sock`;
    const child = await startHub(address);
    await child.ask({ act: "register", name: "hub.hang", does: "hang" });
    const bus = await opened({ join: address, name: "member" });
    await bus.register("member.echo", (payload) => payload);
    await bus.subscribe("news.#", () => undefined);
    const call = rejection(bus.request("hub.hang"));
    const drained = bus.drain();
    await child.kill();
    await drained;
    expect(await call).toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(bus.state).toEqual({ kind: "closed", error: undefined });
  });
});

describe("closing a member while it sets up again what lasts", () => {
  /** A member of a hub in another process, where it may be killed. */
  async function joined(): Promise<{
    readonly path: string;
    readonly address: string;
    readonly first: Child;
    readonly bus: Bus;
  }> {
    const path = `${folder()}/hub.sock`;
    const address = `unix:${path}`;
    const first = Child.fork(programs.member);
    await first.ask({ act: "open", options: { listen: address } });
    const bus = await opened({
      join: address,
      name: "member",
      reconnect: { backoff: { initialMs: 1, maxMs: 20 } },
    });
    return { path, address, first, bus };
  }

  it("ends at once when the new hub never answers", async () => {
    const { path, first, bus } = await joined();
    await bus.register("member.echo", (payload) => payload);
    const subscription = await bus.subscribe("news.#", () => undefined);
    await first.kill();
    await until(() => bus.state.kind === "reconnecting");
    const second = Child.fork(programs.stuck, "hub", path, "joined");
    await second.says("there");
    await bus.close();
    expect(await subscription.ended).toBeUndefined();
    expect(bus.stats).toMatchObject({ endpoints: 0, subscriptions: 0, peers: 0 });
  });

  it("ends what is closed meanwhile when the new hub is lost too", async () => {
    const { path, address, first, bus } = await joined();
    const endpoint = await bus.register("member.echo", (payload) => payload);
    const subscription = await bus.subscribe("news.#", () => undefined);
    await first.kill();
    await until(() => bus.state.kind === "reconnecting");
    const second = Child.fork(programs.stuck, "hub", path, "joined");
    await second.says("there");
    const closed = Promise.all([endpoint.close(), subscription.close()]);
    await second.kill();
    await closed;
    expect(bus.stats).toMatchObject({ endpoints: 0, subscriptions: 0 });
    const third = Child.fork(programs.member);
    await third.ask({ act: "open", options: { listen: address } });
    await until(() => bus.state.kind === "open");
    expect(await bus.find()).toEqual([]);
  });
});
