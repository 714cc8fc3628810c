import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { encodeCancel, isAmphisError } from "@amphis/protocol";
import { expect, test } from "vitest";

import { joinedPeer } from "../../test/bus/raw-peer.ts";
import { opened, unixAddress } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";
import { openBus } from "./open-bus.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heapBytes(): number {
  collect();
  return getHeapStatistics().used_heap_size;
}

test("100,000 requests that time out leave no call, no timer and no memory", async () => {
  const hub = await opened({ name: "hub", listen: unixAddress() });
  const [join] = hub.addresses;
  const callee = await opened({ name: "callee", join });
  const caller = await opened({ name: "caller", join });
  const never = (): Promise<null> => new Promise(() => undefined);
  const endpoint = await callee.register("never", never, { concurrency: 1 });
  await callee.register("echo", (payload) => payload);
  const round = async (count: number): Promise<void> => {
    const requests = Array.from({ length: count }, async () =>
      rejection(caller.request("never", null, { timeoutMs: 1 })),
    );
    for (const error of await Promise.all(requests)) {
      if (!isAmphisError(error, "REQUEST_TIMEOUT")) throw error;
    }
    // Goes out behind all that still waits.
    await caller.request("echo");
    await until(() => endpoint.stats.queued === 0);
  };
  await round(5_000);
  const before = heapBytes();
  for (let i = 0; i < 19; i += 1) await round(5_000);
  expect(heapBytes() - before).toBeLessThan(8_000_000);
  expect(caller.stats).toMatchObject({ timeouts: 100_000, pendingCalls: 0 });
  expect(callee.stats.pendingCalls).toBe(0);
  expect((await hub.health()).peers.map(({ pendingCalls }) => pendingCalls)).toEqual([0, 0]);
  const timers = process.getActiveResourcesInfo().filter((name) => name === "Timeout");
  expect(timers.length).toBeLessThan(20);
}, 60_000);

test("a member has no more calls under way than maxPendingCalls, and others are not concerned", async () => {
  const hub = await opened({ name: "hub", listen: unixAddress(), maxPendingCalls: 10 });
  const address = hub.addresses[0] as string;
  await hub.register("never", () => new Promise<null>(() => undefined));
  await hub.register("echo", (payload) => payload);
  const peer = await joinedPeer(address);
  for (let i = 0; i < 12; i += 1) {
    await peer.message(3 + 2 * i, { type: "request", target: "never", payload: i });
  }
  expect(await peer.answer(23)).toMatchObject({ code: "ENDPOINT_BUSY", context: { limit: 10 } });
  expect(await peer.answer(25)).toMatchObject({ code: "ENDPOINT_BUSY", context: { limit: 10 } });
  const member = await opened({ join: address });
  expect(await member.request("echo", 1)).toBe(1);
  // What was given up makes room again.
  await peer.send({ kind: "cancel", callId: 3, body: encodeCancel({ reason: "enough" }) });
  await peer.message(31, { type: "request", target: "echo", payload: 1 });
  expect(await peer.answer(31)).toBe(1);
});

test("a request that had expired when it came is answered with REQUEST_TIMEOUT", async () => {
  const hub = await opened({ name: "hub", listen: unixAddress() });
  let handled = 0;
  await hub.register("count", () => {
    handled += 1;
  });
  const peer = await joinedPeer(hub.addresses[0] as string);
  await peer.message(3, { type: "request", target: "count", payload: 1, ttlMs: 0 });
  expect(await peer.answer(3)).toMatchObject({
    code: "REQUEST_TIMEOUT",
    context: { target: "count", timeoutMs: 0 },
  });
  expect(handled).toBe(0);
  expect(hub.stats).toMatchObject({ expired: 1, refused: 0 });
});

test("a bus whose options make no sense leaves no connection behind", async () => {
  const hub = await opened({ name: "hub", listen: unixAddress() });
  const options = { join: hub.addresses[0], reconnect: { maxAttempts: -1 } };
  expect(await rejection(openBus(options))).toBeInstanceOf(RangeError);
  await until(() => hub.stats.peers === 0);
});
