import { describe, expect, test } from "vitest";

import type { EndpointChange } from "./bus.ts";
import { opened, REMOTE_WAYS, WAYS } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";

function show({ kind, endpoint: { name, status, reason } }: EndpointChange): string {
  return [kind, name, status, reason].filter((each) => each !== "").join(" ");
}

describe.each(WAYS)("the directory $way", ({ open }) => {
  test("finds endpoints by glob and by capability", async () => {
    const { caller, callee } = await open();
    await callee.register("images.resize", () => null, {
      capabilities: ["resize"],
      metadata: { cost: 2 },
    });
    await callee.register("images.crop", () => null, { capabilities: ["crop"] });
    await callee.register("video.cut", () => null, { capabilities: ["crop"], shared: true });
    const names = async (query: Parameters<typeof caller.find>[0]): Promise<string[]> =>
      (await caller.find(query)).map(({ name }) => name).sort();
    expect(await names({})).toEqual(["images.crop", "images.resize", "video.cut"]);
    expect(await names({ name: "images.*" })).toEqual(["images.crop", "images.resize"]);
    expect(await names({ capability: "crop" })).toEqual(["images.crop", "video.cut"]);
    expect(await names({ name: "video.**", capability: "crop" })).toEqual(["video.cut"]);
    expect(await names({ capability: "none" })).toEqual([]);
    expect(await rejection(caller.find({ name: "" }))).toMatchObject({ code: "NAME_INVALID" });
    const [resize] = await caller.find({ name: "images.resize" });
    expect(resize).toEqual({
      name: "images.resize",
      capabilities: ["resize"],
      peer: expect.stringMatching(/^[a-z]+\/\d+$/),
      member: callee.name,
      shared: false,
      metadata: { cost: 2 },
      status: "healthy",
      reason: "",
    });
  });

  test("tells a watcher what is there, what comes, what changes and what goes", async () => {
    const { caller, callee } = await open();
    await callee.register("a.one", () => null);
    await callee.register("b.one", () => null);
    const heard: string[] = [];
    const watching = await caller.watch((change) => heard.push(show(change)), { name: "a.*" });
    expect(heard).toEqual(["up a.one healthy"]);
    const two = await callee.register("a.two", () => null);
    await two.report("degraded", "it is hot");
    await two.report("healthy", "ignored");
    await two.close();
    await until(() => heard.length === 5);
    expect(heard.slice(1)).toEqual([
      "up a.two healthy",
      "health a.two degraded it is hot",
      "health a.two healthy",
      "down a.two unhealthy its member took it back",
    ]);
    await watching.close();
  });

  test("prefers endpoints that are not unhealthy among those that share", async () => {
    const { caller, callee } = await open();
    const heard: string[] = [];
    const ill = await callee.register("work", () => void heard.push("ill"), { shared: true });
    await caller.register("work", () => void heard.push("well"), { shared: true });
    await ill.report("unhealthy", "out of memory");
    for (let i = 0; i < 4; i += 1) await caller.request("work");
    expect(heard).toEqual(["well", "well", "well", "well"]);
  });

  test("shares a name only among those that all share it", async () => {
    const { caller, callee } = await open();
    await callee.register("mine", () => null);
    await callee.register("ours", () => null, { shared: true });
    for (const bus of [caller, callee]) {
      for (const [name, shared] of [
        ["mine", true],
        ["ours", false],
      ] as const) {
        expect(await rejection(bus.register(name, () => null, { shared }))).toMatchObject({
          code: "ENDPOINT_EXISTS",
        });
      }
    }
    expect(await caller.find()).toHaveLength(2);
  });
});

describe.each(REMOTE_WAYS)("a member that goes $way", ({ open }) => {
  test("takes its endpoints, subscriptions and routes with it", async () => {
    const { hub, caller, callee } = await open();
    const member = callee === hub ? caller : callee;
    await member.register("theirs", () => null);
    await member.subscribe("news", () => undefined);
    await member.route({ pattern: "old", to: "theirs" });
    const heard: string[] = [];
    await hub.watch((change) => heard.push(show(change)));
    await member.close();
    await until(() => heard.length === 2);
    expect(heard[0]).toBe("up theirs healthy");
    expect(heard[1]).toMatch(/^down theirs unhealthy its member /);
    expect(await hub.find()).toEqual([]);
    for (const target of ["theirs", "old"]) {
      expect(await rejection(hub.request(target))).toMatchObject({ code: "ENDPOINT_NOT_FOUND" });
    }
  });

  test("fails the requests that it was to answer with ENDPOINT_GONE", async () => {
    const { hub, caller, callee } = await open();
    if (callee === hub) return;
    await callee.register("stuck", () => new Promise<null>(() => undefined));
    const requests = [1, 2, 3].map(async () => rejection(caller.request("stuck")));
    await until(() => callee.stats.endpoints === 1 && hub.stats.requests === 3);
    await callee.close();
    for (const error of await Promise.all(requests)) {
      expect(error).toMatchObject({ code: "ENDPOINT_GONE", context: { endpoint: "stuck" } });
    }
    expect(caller.stats.pendingCalls).toBe(0);
  });

  test("has the requests that it made cancelled at their handlers", async () => {
    const { hub, caller, callee } = await open();
    if (caller === hub) return;
    const signals: AbortSignal[] = [];
    await callee.register("stuck", (_, { signal }) => {
      signals.push(signal);
      return new Promise<null>(() => undefined);
    });
    const request = rejection(caller.request("stuck"));
    await until(() => signals.length === 1);
    await caller.close();
    expect(await request).toMatchObject({ code: "BUS_CLOSED" });
    await until(() => signals[0]?.aborted === true);
  });
});

test("health tells of the members of a hub", async () => {
  const hub = await opened({ listen: "tcp://127.0.0.1:0" });
  const member = await opened({ join: hub.addresses[0], name: "worker" });
  const health = {
    status: "healthy",
    reason: "",
    peers: [
      {
        peer: "worker/1",
        name: "worker",
        status: "healthy",
        reason: "",
        queuedMessages: 0,
        pendingCalls: 0,
      },
    ],
  };
  expect(await hub.health()).toEqual(health);
  const [seen] = (await member.health()).peers;
  expect(seen).toMatchObject({ peer: "worker/1", status: "healthy" });
  expect(hub.stats.peers).toBe(1);
});
