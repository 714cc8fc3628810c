import { defineSchema, SchemaRegistry, t } from "@amphis/protocol/schema";
import { describe, expect, test } from "vitest";

import { gate } from "../../test/bus/gate.ts";
import { opened, unixAddress, WAYS } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";

const ORDER = defineSchema("order", 1, t.object({ item: t.string(), amount: t.u8() }));
const RECEIPT = defineSchema("receipt", 1, t.object({ total: t.u32() }));

function contracts(): SchemaRegistry {
  const registry = new SchemaRegistry();
  registry.register(ORDER);
  registry.register(RECEIPT);
  return registry;
}

const GOOD = { item: "apple", amount: 3 };
const BAD = { item: "apple", amount: 300 };
const OF_ORDER = { schema: "order" };

describe.each(WAYS)("a contract $way", ({ open }) => {
  test("is held to where a payload is sent", async () => {
    const { caller, callee } = await open({ schemas: contracts() });
    const heard: unknown[] = [];
    await callee.register("orders", (payload) => void heard.push(payload));
    await callee.subscribe("orders", (payload) => void heard.push(payload));
    for (const act of [
      () => caller.request("orders", BAD, OF_ORDER),
      () => caller.publish("orders", BAD, OF_ORDER),
      () => caller.send("orders", BAD, OF_ORDER),
    ]) {
      expect(await rejection(act())).toMatchObject({ code: "VALIDATION_FAILED" });
    }
    await caller.request("orders", GOOD, OF_ORDER);
    expect(heard).toEqual([GOOD]);
    expect(caller.stats.pendingCalls).toBe(0);
  });

  test("of an endpoint is held to by what it accepts and answers", async () => {
    const { caller, callee } = await open({ schemas: contracts() });
    await callee.register("pay", (payload) => ({ total: (payload as typeof GOOD).amount }), {
      accepts: { schema: "order" },
      answers: { schema: "receipt", version: 1 },
    });
    expect(await caller.request("pay", GOOD)).toEqual({ total: 3 });
    expect(await rejection(caller.request("pay", BAD))).toMatchObject({
      code: "VALIDATION_FAILED",
    });
    const other = caller.request("pay", { total: 1 }, { schema: "receipt" });
    expect(await rejection(other)).toMatchObject({ code: "MESSAGE_INVALID" });
  });

  test("of an endpoint is held to by its answers, also item by item", async () => {
    const { caller, callee } = await open({ schemas: contracts() });
    const cleaned = gate();
    await callee.register("bad", () => ({ total: -1 }), { answers: { schema: "receipt" } });
    await callee.register(
      "stream",
      async function* () {
        try {
          yield { total: 1 };
          yield { total: "two" };
        } finally {
          cleaned.open();
        }
      },
      { answers: { schema: "receipt" } },
    );
    expect(await rejection(caller.request("bad"))).toMatchObject({ code: "VALIDATION_FAILED" });
    const stream = caller.stream("stream");
    expect(await stream.next()).toEqual({ value: { total: 1 }, done: false });
    expect(await rejection(stream.next())).toMatchObject({ code: "VALIDATION_FAILED" });
    await cleaned.opened;
  });

  test("that is not known is refused when an endpoint names it", async () => {
    const { callee } = await open({ schemas: contracts() });
    const accepts = { schema: "unknown" };
    expect(await rejection(callee.register("x", () => null, { accepts }))).toMatchObject({
      code: "SCHEMA_UNKNOWN",
    });
    const { callee: bare } = await open();
    const known = { accepts: { schema: "order" } };
    expect(await rejection(bare.register("x", () => null, known))).toBeInstanceOf(TypeError);
  });

  test.each(["compact", "json", "msgpack"] as const)("travels in %s", async (codec) => {
    const { caller, callee } = await open({ schemas: contracts(), codec });
    await callee.register("orders", (payload) => payload);
    const heard = gate<unknown>();
    await callee.subscribe("orders", (payload) => heard.open(payload));
    expect(await caller.request("orders", GOOD, OF_ORDER)).toEqual(GOOD);
    await caller.publish("orders", GOOD, OF_ORDER);
    expect(await heard.opened).toEqual(GOOD);
  });
});

test("a contract in compact passes a hub that does not know it", async () => {
  const hub = await opened({ name: "hub", listen: unixAddress() });
  const [join] = hub.addresses;
  const options = { join, schemas: contracts(), codec: "compact" } as const;
  const callee = await opened(options);
  const caller = await opened(options);
  await callee.register("orders", (payload) => payload, { accepts: OF_ORDER });
  const heard: unknown[] = [];
  await callee.subscribe("orders", (payload) => void heard.push(payload));
  // Without the contract there is nothing that a filter could look at.
  await callee.subscribe("orders", () => void heard.push("filtered"), {
    filter: { "payload.amount": { gt: 0 } },
  });
  expect(await caller.request("orders", GOOD, OF_ORDER)).toEqual(GOOD);
  await caller.publish("orders", GOOD, OF_ORDER);
  await until(() => heard.length === 1);
  expect(heard).toEqual([GOOD]);
  expect(hub.stats.refused).toBe(1);
});

test("a payload that breaks the contract of its receiver is refused there", async () => {
  const errors: unknown[] = [];
  const hub = await opened({ name: "hub", listen: unixAddress() });
  const [join] = hub.addresses;
  const callee = await opened({
    join,
    schemas: contracts(),
    onError: (error) => errors.push(error),
  });
  const caller = await opened({ join });
  await callee.register("orders", () => null);
  const heard: unknown[] = [];
  await callee.subscribe("orders", (payload) => void heard.push(payload));
  expect(await rejection(caller.request("orders", BAD, OF_ORDER))).toMatchObject({
    code: "VALIDATION_FAILED",
  });
  await caller.publish("orders", BAD, OF_ORDER);
  await caller.publish("orders", GOOD, OF_ORDER);
  await until(() => heard.length === 1);
  expect(heard).toEqual([GOOD]);
  expect(errors).toMatchObject([{ code: "VALIDATION_FAILED" }]);
});

test("members of different codecs understand each other, streams and errors included", async () => {
  const hub = await opened({ name: "hub", listen: unixAddress() });
  const [join] = hub.addresses;
  for (const [ask, answer] of [
    ["json", "msgpack"],
    ["msgpack", "json"],
  ] as const) {
    const callee = await opened({ join, codec: answer });
    const caller = await opened({ join, codec: ask });
    await callee.register("sum", async (payload, { input }) => {
      let total = payload as number;
      for await (const item of input) total += item as number;
      return { total, bytes: new Uint8Array([1, 2]) };
    });
    await callee.register("fail", () => {
      throw new RangeError("too far");
    });
    await callee.register("count", async function* () {
      yield* [1n, "zwei", { three: 3 }];
    });
    const sum = await caller.request("sum", 1, { input: [2, 3] });
    expect(sum).toMatchObject({ total: 6 });
    const error = await rejection(caller.request("fail"));
    expect((error as Error).message).toContain("too far");
    const items: unknown[] = [];
    for await (const item of caller.stream("count")) items.push(item);
    expect(items.slice(1)).toEqual(["zwei", { three: 3 }]);
    await callee.close();
  }
});
