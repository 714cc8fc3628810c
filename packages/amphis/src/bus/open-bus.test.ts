import { expect, test } from "vitest";

import { opened, unixAddress } from "../../test/bus/three-ways.ts";
import { rejection } from "../../test/wait.ts";
import { openBus } from "./open-bus.ts";

test("two hubs cannot have one address", async () => {
  const hub = await opened({ listen: unixAddress() });
  expect(await rejection(openBus({ listen: hub.addresses[0] }))).toMatchObject({
    code: "LISTEN_FAILED",
  });
  const many = ["tcp://127.0.0.1:0", hub.addresses[0] as string];
  expect(await rejection(openBus({ listen: many }))).toMatchObject({ code: "LISTEN_FAILED" });
});

test("a hub may have several addresses", async () => {
  const hub = await opened({ listen: [unixAddress(), "tcp://127.0.0.1:0", "ws://127.0.0.1:0"] });
  await hub.register("echo", (payload) => payload);
  for (const join of hub.addresses) {
    await using member = await openBus({ join });
    expect(await member.request("echo", join)).toBe(join);
  }
  expect(hub.addresses).toHaveLength(3);
});

test("opening a bus fails at once for what makes no sense", async () => {
  for (const [options, type] of [
    [{ listen: "unix:/tmp/a", join: "unix:/tmp/a" }, TypeError],
    [{ codec: "xml" as "json" }, TypeError],
    [{ queueBytes: 0 }, RangeError],
    [{ maxPendingCalls: -1 }, RangeError],
  ] as const) {
    expect(await rejection(openBus(options))).toBeInstanceOf(type);
  }
  const code = async (promise: Promise<unknown>): Promise<unknown> =>
    ((await rejection(promise)) as { code: unknown }).code;
  expect(await code(openBus({ name: "a*" }))).toBe("NAME_INVALID");
  expect(await code(openBus({ join: "carrier-pigeon:x" }))).toBe("ADDRESS_INVALID");
  expect(await code(openBus({ join: unixAddress() }))).toBe("CONNECT_FAILED");
  const reason = new Error("never mind");
  const signal = AbortSignal.abort(reason);
  expect(await rejection(openBus({ signal }))).toBe(reason);
  expect(await rejection(openBus({ signal, listen: unixAddress() }))).toBe(reason);
});
