import type { Bus, EndpointChange } from "amphis/bus";
import { afterEach, describe, expect, it } from "vitest";

import { rejection, until } from "../wait.ts";
import { Child } from "./child.ts";
import { usePrograms } from "./programs.ts";
import {
  type Bystanders,
  bystanders,
  clear,
  descriptorsFall,
  folder,
  holdings,
  opened,
} from "./stage.ts";
import { descriptors } from "./usage.ts";

const programs = usePrograms("member", "stuck");

afterEach(clear);

interface Scene {
  readonly path: string;
  readonly address: string;
  readonly hub: Bus;
  readonly others: Bystanders;
  readonly changes: EndpointChange[];
}

/** A hub and two members in this process that go on whatever happens to the others. */
async function scene(): Promise<Scene> {
  const path = `${folder()}/hub.sock`;
  const address = `unix:${path}`;
  const hub = await opened({ listen: address, name: "hub" });
  const others = await bystanders(address);
  const changes: EndpointChange[] = [];
  await hub.watch((change) => changes.push(change), { name: "victim.*" });
  return { path, address, hub, others, changes };
}

async function victimOf({ address }: Scene): Promise<Child> {
  const child = Child.fork(programs.member);
  await child.ask({
    act: "open",
    options: { join: address, name: "victim", reconnect: { backoff: { initialMs: 1, maxMs: 20 } } },
  });
  return child;
}

/** Kills the child and holds that nothing of it is left, and that nobody else noticed. */
async function killCleanly(
  { hub, others }: Scene,
  child: Child,
  before: { readonly holdings: unknown; readonly descriptors: number },
): Promise<void> {
  const asked = others.asked();
  await child.kill();
  await until(() => others.asked() > asked + 3);
  await expect.poll(async () => holdings(hub)).toEqual(before.holdings);
  await descriptorsFall(before.descriptors);
  expect(await others.stop()).toEqual([]);
}

async function baseline({ hub }: Scene): Promise<{ holdings: unknown; descriptors: number }> {
  return { holdings: await holdings(hub), descriptors: descriptors() };
}

async function pendingOf(hub: Bus, name: string): Promise<number | undefined> {
  return (await hub.health()).peers.find((peer) => peer.name === name)?.pendingCalls;
}

const STEPS = ["connected", "half a hello", "hello", "half a join", "joined"];

describe("a member that is killed", () => {
  it.each(STEPS)("leaves nothing on the hub when it is killed at: %s", async (step) => {
    const stage = await scene();
    const before = await baseline(stage);
    const child = Child.fork(programs.stuck, "member", stage.path, step);
    await child.says("there");
    await killCleanly(stage, child, before);
  });

  it("leaves nothing and fails what it was asked with ENDPOINT_GONE when calls are pending both ways", async () => {
    const stage = await scene();
    const { hub, address, changes } = stage;
    const before = await baseline(stage);
    const aborted: unknown[] = [];
    const reached = await hub.register("hub.hang", async (_, { signal }) => {
      signal.addEventListener("abort", () => aborted.push(signal.reason.code));
      return new Promise(() => undefined);
    });
    const child = await victimOf(stage);
    await child.ask({ act: "register", name: "victim.hang", does: "hang" });
    await child.ask({ act: "call", target: "hub.hang", count: 20 });
    await until(() => reached.stats.running === 20);
    const caller = await opened({ join: address, name: "caller" });
    const calls = [hub, caller].flatMap((bus) =>
      Array.from({ length: 50 }, async () => rejection(bus.request("victim.hang"))),
    );
    // Everything has reached its other side: 100 to the victim, 20 from it.
    await expect.poll(async () => pendingOf(hub, "victim")).toBe(120);
    await child.kill();
    const errors = (await Promise.all(calls)) as { code: string }[];
    expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["ENDPOINT_GONE"]));
    await until(() => aborted.length === 20);
    expect(new Set(aborted)).toEqual(new Set(["REQUEST_CANCELLED"]));
    expect(reached.stats.running).toBe(20);
    expect(hub.stats.pendingCalls).toBeLessThanOrEqual(1);
    await until(() => changes.length === 2);
    expect(changes.map(({ kind, endpoint }) => [kind, endpoint.name, endpoint.status])).toEqual([
      ["up", "victim.hang", "healthy"],
      ["down", "victim.hang", "unhealthy"],
    ]);
    await reached.close();
    await caller.close();
    await killCleanly(stage, child, before);
  });

  it("breaks the stream that it was sending, behind what had arrived", async () => {
    const stage = await scene();
    const before = await baseline(stage);
    const child = await victimOf(stage);
    await child.ask({ act: "register", name: "victim.count", does: "count" });
    const items: unknown[] = [];
    const error = await rejection(
      (async () => {
        for await (const item of stage.hub.stream("victim.count", null, { credit: 4 })) {
          items.push(item);
          if (items.length === 10) void child.kill();
        }
      })(),
    );
    expect(error).toMatchObject({ code: "ENDPOINT_GONE" });
    expect(items).toEqual(items.map((_, n) => n));
    expect(items.length).toBeGreaterThanOrEqual(10);
    await killCleanly(stage, child, before);
  });

  it("stops the stream that it was reading", async () => {
    const stage = await scene();
    const before = await baseline(stage);
    let cleanedUp = 0;
    const endpoint = await stage.hub.register("hub.count", async function* () {
      try {
        for (let n = 0; ; n += 1) yield n;
      } finally {
        cleanedUp += 1;
      }
    });
    const child = await victimOf(stage);
    await child.ask({ act: "read", target: "hub.count" });
    await child.says("reading");
    await child.kill();
    await until(() => cleanedUp === 1);
    await until(() => endpoint.stats.running === 0);
    await endpoint.close();
    await killCleanly(stage, child, before);
  });

  it("breaks the stream of input that it was sending", async () => {
    const stage = await scene();
    const before = await baseline(stage);
    const errors: unknown[] = [];
    const endpoint = await stage.hub.register("hub.collect", async (_, { input }) => {
      let items = 0;
      try {
        for await (const _ of input) {
          items += 1;
          if (items === 10) void child.kill();
        }
      } catch (error) {
        errors.push(error);
      }
    });
    const child = await victimOf(stage);
    await child.ask({ act: "write", target: "hub.collect" });
    await until(() => errors.length === 1);
    expect(errors[0]).toMatchObject({ code: "REQUEST_CANCELLED" });
    await until(() => endpoint.stats.running === 0);
    await endpoint.close();
    await killCleanly(stage, child, before);
  });

  it("stops the stream of input that it was reading", async () => {
    const stage = await scene();
    const before = await baseline(stage);
    const child = await victimOf(stage);
    await child.ask({ act: "register", name: "victim.collect", does: "collect" });
    let cleanedUp = 0;
    const input = async function* (): AsyncGenerator<number> {
      try {
        for (let n = 0; ; n += 1) yield n;
      } finally {
        cleanedUp += 1;
      }
    };
    const call = rejection(
      stage.hub.request("victim.collect", null, { input: input(), timeoutMs: Infinity }),
    );
    await child.says("collecting");
    await child.kill();
    expect(await call).toMatchObject({ code: "ENDPOINT_GONE" });
    expect(cleanedUp).toBe(1);
    await killCleanly(stage, child, before);
  });

  it("leaves nothing when it is killed while it subscribes again and again", async () => {
    const stage = await scene();
    const before = await baseline(stage);
    const child = await victimOf(stage);
    await child.ask({ act: "churn", pattern: "news.#" });
    await child.says("churning");
    for (let n = 0; n < 100; n += 1) await stage.hub.publish("news.now", { n });
    await killCleanly(stage, child, before);
    await stage.hub.publish("news.now", null);
  });

  it("leaves nothing when it is killed while it drains", async () => {
    const stage = await scene();
    const before = await baseline(stage);
    const child = await victimOf(stage);
    await child.ask({ act: "register", name: "victim.hang", does: "hang" });
    const call = rejection(stage.hub.request("victim.hang"));
    await until(() => stage.changes.length === 1);
    const drained = rejection(child.ask({ act: "drain" }));
    // The endpoint goes first, and only then what is under way is waited for.
    await until(() => stage.changes.length === 2);
    await killCleanly(stage, child, { ...before });
    expect(await call).toMatchObject({ code: "ENDPOINT_GONE" });
    expect(await drained).toMatchObject({ code: "GONE" });
  });

  it.each([1, 40, 160, 640])(
    "leaves nothing when it is killed amid everything at once: behind %i requests of others",
    async (asked) => {
      const stage = await scene();
      const { hub, others } = stage;
      const before = await baseline(stage);
      const count = await hub.register("hub.count", async function* () {
        for (let n = 0; ; n += 1) yield n;
      });
      const collect = await hub.register("hub.collect", async (_, { input }) => {
        for await (const _ of input);
      });
      const child = await victimOf(stage);
      await child.ask({ act: "register", name: "victim.echo", does: "echo" });
      await child.ask({ act: "subscribe", pattern: "$endpoint.#" });
      await child.ask({ act: "churn", pattern: "news.#" });
      await child.ask({ act: "read", target: "hub.count" });
      await child.ask({ act: "write", target: "hub.collect" });
      await child.ask({ act: "publish-on", topics: ["news.own"], phase: "" });
      const goal = others.asked() + asked;
      await until(() => {
        for (let n = 0; n < 4; n += 1) hub.request("victim.echo", n).catch(() => undefined);
        return others.asked() > goal;
      });
      await child.kill();
      await until(() => count.stats.running + collect.stats.running === 0);
      await Promise.all([count.close(), collect.close()]);
      await killCleanly(stage, child, before);
    },
  );

  it("does not keep the hub from draining", async () => {
    const stage = await scene();
    const child = await victimOf(stage);
    await child.ask({ act: "register", name: "victim.hang", does: "hang" });
    const call = rejection(stage.hub.request("victim.hang"));
    await stage.others.stop();
    const drained = stage.hub.drain();
    await child.kill();
    await drained;
    expect(await call).toMatchObject({ code: "ENDPOINT_GONE" });
    expect(stage.hub.state).toEqual({ kind: "closed", error: undefined });
  });
});
