import { AmphisError, type Value } from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { gate } from "../../test/bus/gate.ts";
import { REMOTE_WAYS } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";

const UNSENDABLE = (() => null) as unknown as Value;
const THROWING = {
  get field(): Value {
    throw new RangeError("cannot be read");
  },
};
const LARGE = new Uint8Array(200_000);
const SMALL_FRAMES = { connection: { maxFrameBytes: 65_536 } };

describe.each(REMOTE_WAYS)("what cannot travel $way", ({ open }) => {
  test("fails the request that would carry it, and nothing else", async () => {
    const { caller, callee } = await open();
    await callee.register("echo", (payload) => payload);
    for (const payload of [UNSENDABLE, THROWING]) {
      expect(await rejection(caller.request("echo", payload))).toBeInstanceOf(Error);
    }
    expect(await caller.request("echo", 1)).toBe(1);
    expect(caller.stats.pendingCalls).toBe(0);
  });

  test("becomes a typed error when it is an answer", async () => {
    const { caller, callee } = await open();
    await callee.register("bad", (which) => (which === 0 ? UNSENDABLE : THROWING));
    for (const which of [0, 1]) {
      const error = await rejection(caller.request("bad", which));
      expect(error).toBeInstanceOf(AmphisError);
    }
    await until(() => callee.stats.pendingCalls === 0);
  });

  test("fails with FRAME_TOO_LARGE when it is too large, and the connection lives on", async () => {
    const { caller, callee } = await open(SMALL_FRAMES);
    await callee.register("echo", (payload) => payload);
    await callee.register("large", () => LARGE);
    expect(await rejection(caller.request("echo", LARGE))).toMatchObject({
      code: "FRAME_TOO_LARGE",
    });
    expect(await rejection(caller.request("large"))).toMatchObject({ code: "FRAME_TOO_LARGE" });
    expect(await caller.request("echo", "small")).toBe("small");
    expect(caller.state.kind).toBe("open");
  });

  test("becomes a typed error when it is an error that is too large", async () => {
    const { caller, callee } = await open(SMALL_FRAMES);
    await callee.register("fail", () => {
      throw new AmphisError("ENDPOINT_GONE", "Cannot say it shortly", {
        endpoint: "fail",
        reason: "x".repeat(200_000),
      });
    });
    const error = await rejection(caller.request("fail", null, { timeoutMs: 2_000 }));
    expect(error).toMatchObject({
      code: expect.stringMatching(/^(ENDPOINT_GONE|FRAME_TOO_LARGE)$/),
    });
  });

  test("fails the registration that would carry it, and the name stays free", async () => {
    const { callee, caller } = await open(SMALL_FRAMES);
    const member = callee.addresses.length === 0 ? callee : caller;
    for (const [metadata, code] of [
      [{ large: LARGE }, "FRAME_TOO_LARGE"],
      [{ bad: UNSENDABLE }, expect.any(String)],
    ] as const) {
      const error = await rejection(member.register("named", () => null, { metadata }));
      expect(error).toMatchObject({ code });
    }
    await member.register("named", () => null);
    expect(member.state.kind).toBe("open");
  });

  test("ends a stream with a typed error, and its generator cleans up", async () => {
    const { caller, callee } = await open(SMALL_FRAMES);
    const cleaned = gate();
    await callee.register("mixed", async function* () {
      try {
        yield 1;
        yield LARGE;
        for (;;) yield 2;
      } finally {
        cleaned.open();
      }
    });
    const items: Value[] = [];
    const reading = (async () => {
      for await (const item of caller.stream("mixed")) items.push(item);
    })();
    expect(await rejection(reading)).toMatchObject({ code: "FRAME_TOO_LARGE" });
    expect(items).toEqual([1]);
    await cleaned.opened;
    await until(() => callee.stats.pendingCalls === 0);
  });

  test("ends the call when it is an item of the input, on both sides", async () => {
    const { caller, callee } = await open(SMALL_FRAMES);
    const heard = gate<unknown>();
    await callee.register("read", async (_, { input }) => {
      heard.open(
        await rejection(
          (async () => {
            for await (const item of input) void item;
          })(),
        ),
      );
    });
    const request = caller.request("read", null, { input: [1, LARGE, 2], timeoutMs: 2_000 });
    expect(await rejection(request)).toMatchObject({ code: "FRAME_TOO_LARGE" });
    expect(await heard.opened).toMatchObject({ code: "REQUEST_CANCELLED" });
    expect(caller.stats.pendingCalls).toBe(0);
  });

  test("reaches the subscribers of its own process when it is an event of the hub", async () => {
    const { hub, caller, callee } = await open();
    const member = caller === hub ? callee : caller;
    const heard: string[] = [];
    await member.subscribe("news", () => void heard.push("remote"));
    const local = gate();
    await hub.subscribe("news", () => local.open());
    await hub.publish("news", THROWING);
    await local.opened;
    expect(hub.stats.refused).toBe(1);
    await hub.publish("news", 1);
    await until(() => heard.length > 0);
    expect(heard).toEqual(["remote"]);
  });
});
