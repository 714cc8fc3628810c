import { type FrameInit, type ValueMap } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { hostileScene, othersGoOn } from "../../test/bus/hostile-scene.ts";
import { callBody } from "../../test/bus/raw-peer.ts";
import { until } from "../../test/wait.ts";

const GARBAGE = new Uint8Array([0xc1, 0xff, 0x00, 0x93]);

describe("a call of a peer fails, and its connection goes on, when it", () => {
  test.each([
    ["joins again", "bus:join", { name: "raw" }, "MESSAGE_INVALID"],
    ["calls a function that is none", "bus:fly", {}, "BODY_INVALID"],
    ["registers without a name", "bus:register", {}, "BODY_INVALID"],
    ["registers a name that is none", "bus:register", { name: "$x" }, "NAME_INVALID"],
    ["registers a name of another", "bus:register", { name: "echo" }, "ENDPOINT_EXISTS"],
    [
      "registers capabilities that are no list",
      "bus:register",
      { name: "x", capabilities: 1 },
      "BODY_INVALID",
    ],
    [
      "registers metadata that is no map",
      "bus:register",
      { name: "x", metadata: [1] },
      "BODY_INVALID",
    ],
    [
      "subscribes with no policy",
      "bus:subscribe",
      { pattern: "a", maxMessages: 1 },
      "BODY_INVALID",
    ],
    [
      "subscribes with room for none",
      "bus:subscribe",
      { pattern: "a", policy: "drop-oldest", maxMessages: 0 },
      "BODY_INVALID",
    ],
    [
      "subscribes to what is no pattern",
      "bus:subscribe",
      { pattern: "a.#.b", policy: "drop-oldest", maxMessages: 1 },
      "NAME_INVALID",
    ],
    [
      "subscribes with a filter that is none",
      "bus:subscribe",
      { pattern: "a", policy: "drop-oldest", maxMessages: 1, filter: { nope: 1 } },
      "FILTER_INVALID",
    ],
    ["sets a route to nowhere", "bus:route", { pattern: "a" }, "BODY_INVALID"],
    [
      "sets a route with a priority that is none",
      "bus:route",
      { pattern: "a", to: "b", priority: 0.5 },
      "BODY_INVALID",
    ],
    [
      "reports on the endpoint of another",
      "bus:report",
      { name: "echo", status: "healthy" },
      "ENDPOINT_NOT_FOUND",
    ],
    [
      "reports a status that is none",
      "bus:report",
      { name: "echo", status: "fine" },
      "BODY_INVALID",
    ],
    ["looks for what is no glob", "bus:find", { name: "" }, "NAME_INVALID"],
  ] as const)("%s", async (_, name, kwargs, code) => {
    const all = await hostileScene();
    expect(await all.peer.call(3, name, kwargs as unknown as ValueMap)).toMatchObject({ code });
    expect(await all.peer.call(5, "bus:find", {})).toHaveLength(1);
    expect(all.hub.stats).toMatchObject({ refused: 1, peers: 2 });
    await othersGoOn(all);
  });

  test("has a body that is no call", async () => {
    const all = await hostileScene();
    await all.peer.send({ kind: "call", callId: 3, body: GARBAGE });
    expect(await all.peer.answer(3)).toMatchObject({ code: expect.any(String) });
    expect(await all.peer.call(5, "bus:find", {})).toHaveLength(1);
    await othersGoOn(all);
  });

  test("is a message that is none", async () => {
    const all = await hostileScene();
    await all.peer.send({ kind: "message", callId: 3, body: GARBAGE });
    expect(await all.peer.answer(3)).toMatchObject({ code: expect.any(String) });
    await all.peer.send({ kind: "message", callId: 0, body: GARBAGE });
    expect(await all.peer.call(5, "bus:find", {})).toHaveLength(1);
    expect(all.hub.stats.refused).toBe(2);
    await othersGoOn(all);
  });

  test.each(["request", "event"] as const)("is a %s in the name of another", async (type) => {
    const all = await hostileScene();
    const heard: unknown[] = [];
    await all.hub.subscribe("echo", (payload) => void heard.push(payload));
    const target = "echo";
    await all.peer.message(type === "event" ? 0 : 3, {
      type,
      target,
      payload: 1,
      source: "member",
    });
    if (type === "request") {
      expect(await all.peer.answer(3)).toMatchObject({ code: "ACCESS_DENIED" });
    }
    await all.peer.call(5, "bus:find", {});
    expect(all.hub.stats.refused).toBe(1);
    expect(heard).toEqual([]);
    await othersGoOn(all);
  });

  test("publishes to a topic of the hub, or answers what nobody asked", async () => {
    const all = await hostileScene();
    await all.peer.message(0, { type: "event", target: "$endpoint.down.echo", payload: {} });
    await all.peer.message(3, { type: "event", target: "news", payload: {} });
    await all.peer.message(0, { type: "response", target: "news", payload: {} });
    await all.peer.call(5, "bus:find", {});
    expect(all.hub.stats).toMatchObject({ refused: 3, published: 0 });
    await othersGoOn(all);
  });
});

describe("a frame for a call that never was is counted and dropped when it is", () => {
  test.each(["result", "error", "item", "end", "credit", "cancel"] as const)("%s", async (kind) => {
    const all = await hostileScene();
    for (const callId of [0, 2, 99]) await all.peer.send({ kind, callId, body: GARBAGE });
    await all.peer.call(5, "bus:find", {});
    expect(all.hub.stats.orphans).toBe(3);
    await othersGoOn(all);
  });
});

describe("a peer loses its connection, and nobody else does, when it", () => {
  test.each([
    ["calls with an id of the hub", { kind: "call", callId: 2, body: callBody("bus:find", {}) }],
    ["calls with no id", { kind: "call", callId: 0, body: callBody("bus:find", {}) }],
    ["sends a message with an id of the hub", { kind: "message", callId: 4, body: GARBAGE }],
    ["says hello again", { kind: "hello", callId: 0, body: GARBAGE }],
  ] satisfies (readonly [string, FrameInit])[])("%s", async (_, frame) => {
    const all = await hostileScene();
    await all.peer.send(frame);
    await all.peer.closed;
    await until(() => all.hub.stats.peers === 1);
    await othersGoOn(all);
  });

  test("uses the id of a call that is under way again", async () => {
    const all = await hostileScene();
    await all.member.register("stuck", () => new Promise<null>(() => undefined));
    await all.peer.message(3, { type: "request", target: "stuck", payload: 1 });
    await all.peer.message(3, { type: "request", target: "stuck", payload: 1 });
    await all.peer.closed;
    await until(() => all.hub.stats.peers === 1);
    await othersGoOn(all);
  });
});
