import { connectRaw } from "@amphis/conformance/transport";
import { AmphisError } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { gate } from "../../test/bus/gate.ts";
import { callBody, rawPeer } from "../../test/bus/raw-peer.ts";
import { opened, unixAddress } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";
import { nativeCore } from "../native-core.ts";
import type { Bus, BusOptions, JoiningMember } from "./bus.ts";
import { openBus } from "./open-bus.ts";

async function hubWith(options: BusOptions = {}): Promise<readonly [address: string, hub: Bus]> {
  const hub = await opened({ ...options, name: "hub", listen: unixAddress() });
  return [hub.addresses[0] as string, hub];
}

describe("a hub with one token", () => {
  test("lets in who shows it, and nobody else", async () => {
    const [join, hub] = await hubWith({ tokens: "secret" });
    await opened({ join, token: "secret" });
    for (const token of [undefined, "", "Secret", "secret "]) {
      expect(await rejection(openBus({ join, token, name: "eve" }))).toMatchObject({
        code: "AUTHENTICATION_FAILED",
        context: { member: "eve" },
      });
    }
    expect(hub.stats).toMatchObject({ peers: 1, refused: 4 });
  });

  test("refuses an empty one at once", async () => {
    expect(await rejection(openBus({ tokens: "" }))).toBeInstanceOf(TypeError);
  });
});

test("a hub with a token for each name lets in who shows the one of its name", async () => {
  const [join, hub] = await hubWith({ tokens: { worker: "w", web: "b" } });
  await opened({ join, name: "worker", token: "w" });
  for (const [name, token] of [
    ["worker", "b"],
    ["other", "w"],
    ["other", undefined],
    ["constructor", ""],
    ["toString", undefined],
    ["__proto__", ""],
  ] as const) {
    expect(await rejection(openBus({ join, name, token }))).toMatchObject({
      code: "AUTHENTICATION_FAILED",
    });
  }
  expect(hub.stats.peers).toBe(1);
});

describe("the admit hook of a hub", () => {
  test("sees who joins, and its word is told as ACCESS_DENIED", async () => {
    const seen: JoiningMember[] = [];
    const [join] = await hubWith({
      admit: async (member) => {
        seen.push(member);
        if (member.name !== "good") throw new RangeError("not today");
      },
    });
    await opened({ join, name: "good", token: "t" });
    const error = await rejection(openBus({ join, name: "bad" }));
    expect(error).toMatchObject({ code: "ACCESS_DENIED", context: { member: "bad", act: "join" } });
    expect((error as Error).message).toContain("not today");
    expect(seen.map(({ name, token }) => [name, token])).toEqual([
      ["good", "t"],
      ["bad", undefined],
    ]);
  });

  test("sees which process joins, as the kernel knows it, and can turn it away", async ({
    skip,
  }) => {
    const native = await nativeCore();
    if (native.kind === "unavailable") skip(native.reason);
    const seen: JoiningMember[] = [];
    const [join] = await hubWith({
      admit: (member) => {
        seen.push(member);
        if (member.identity.process?.uid === process.getuid?.()) throw new Error("not this user");
      },
    });
    expect(await rejection(openBus({ join }))).toMatchObject({ code: "ACCESS_DENIED" });
    expect(seen.map(({ identity }) => identity.process?.pid)).toEqual([process.pid]);
  });

  test("is told as ACCESS_DENIED whatever it throws", async () => {
    const [join] = await hubWith({
      admit: () => {
        throw new AmphisError("ENDPOINT_BUSY", "Cannot: full", { endpoint: "x", limit: 1 });
      },
    });
    expect(await rejection(openBus({ join }))).toMatchObject({ code: "ACCESS_DENIED" });
  });

  test("that takes its time is waited for, unless the member gives up", async () => {
    const asked = gate();
    const [join, hub] = await hubWith({
      admit: () => {
        asked.open();
        return new Promise<void>(() => undefined);
      },
    });
    const controller = new AbortController();
    const joining = rejection(openBus({ join, signal: controller.signal }));
    await asked.opened;
    const reason = new Error("changed my mind");
    controller.abort(reason);
    expect(await joining).toBe(reason);
    expect(hub.stats.peers).toBe(0);
  });
});

describe("a stranger", () => {
  test("that does not speak bus is refused", async () => {
    const [join, hub] = await hubWith();
    const peer = await rawPeer(join, ["grid"]);
    expect(await peer.closed).toMatchObject({ kind: expect.stringMatching(/peer|failed/) });
    await until(() => hub.stats.refused === 1);
  });

  test.each([
    ["calls something else first", "bus:find", {}, 1],
    ["joins with an even call id", "bus:join", { name: "x" }, 2],
    ["joins without a name", "bus:join", {}, 1],
    ["joins with a name that is none", "bus:join", { name: "a*" }, 1],
    ["joins with a token that is no text", "bus:join", { name: "x", token: 7 }, 1],
    ["calls what is no function", "bus:fly", {}, 1],
  ] as const)("that %s is told why, and its connection ends", async (_, name, kwargs, callId) => {
    const [join, hub] = await hubWith();
    const peer = await rawPeer(join);
    const answer = await peer.call(callId, name, kwargs);
    expect(answer).toMatchObject({ code: expect.stringMatching(/BODY_INVALID|NAME_INVALID/) });
    await peer.closed;
    expect(hub.stats).toMatchObject({ peers: 0, refused: 1 });
  });

  test("that sends a message first is refused", async () => {
    const [join, hub] = await hubWith();
    const peer = await rawPeer(join);
    await peer.message(1, { type: "request", target: "x", payload: 1 });
    await peer.closed;
    expect(hub.stats).toMatchObject({ peers: 0, refused: 1, requests: 0 });
  });

  test("that was refused is not heard again", async () => {
    const [join, hub] = await hubWith({ tokens: "secret" });
    const peer = await rawPeer(join);
    const body = callBody("bus:join", { name: "x", token: "secret" });
    void peer.send({ kind: "call", callId: 1, body: callBody("bus:join", { name: "x" }) });
    void peer.send({ kind: "call", callId: 3, body }).catch(() => undefined);
    await peer.closed;
    expect(hub.stats).toMatchObject({ peers: 0, refused: 1 });
  });

  test("that sends garbage loses its connection, and nobody else does", async () => {
    const [join, hub] = await hubWith();
    const member = await opened({ join });
    const socket = await connectRaw({ path: join.slice("unix:".length) });
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined).resume();
    socket.write(Buffer.alloc(4_096, 0xa5));
    await closed;
    await until(() => hub.stats.refused === 1);
    await member.register("echo", (payload) => payload);
    expect(await hub.request("echo", 1)).toBe(1);
  });
});
