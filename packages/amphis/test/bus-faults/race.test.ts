import { encodeErrorBody, encodeResult, AmphisError, encodeHello } from "@amphis/protocol";
import type { Bus } from "amphis/bus";
import { afterEach, describe, expect, it } from "vitest";
import { createServer } from "node:net";

import { rejection, until } from "../wait.ts";
import { atEnd, clear, folder, opened } from "./stage.ts";
import { HELLO, RawPeer } from "./wire.ts";

afterEach(clear);

const SLOW = { maxMessages: 1, slowPolicy: "disconnect" } as const;

/** A bus of each kind. */
const KINDS: readonly (readonly [string, () => Promise<Bus>])[] = [
  ["in process", async () => opened({})],
  [
    "of a member",
    async () => {
      const address = `unix:${folder()}/hub.sock`;
      await opened({ listen: address });
      return opened({ join: address });
    },
  ],
];

describe.each(KINDS)("a bus %s", (_, open) => {
  it("leaves nothing of a subscription that overruns before it is open", async () => {
    const bus = await open();
    const hang = async (): Promise<void> => new Promise(() => undefined);
    const opening = bus.subscribe("flood", hang, SLOW);
    for (let n = 0; n < 5; n += 1) void bus.publish("flood", n);
    const subscription = await opening;
    expect(await subscription.ended).toMatchObject({ code: "SUBSCRIBER_SLOW" });
    expect(bus.stats.subscriptions).toBe(0);
    await bus.publish("flood", "nobody hears");
  });

  it("leaves nothing of what is being set up when it is closed", async () => {
    const bus = await open();
    const opening = [
      bus.register("late", () => null),
      bus.subscribe("late", () => undefined),
      bus.watch(() => undefined),
      bus.route({ pattern: "**", to: "late" }),
    ].map(async (each) =>
      each.then(
        () => "open",
        () => "refused",
      ),
    );
    await bus.close();
    await Promise.all(opening);
    expect(bus.stats).toMatchObject({ endpoints: 0, subscriptions: 0, pendingCalls: 0 });
  });

  it("answers with BUS_CLOSED from then on when it is closed amid requests", async () => {
    const bus = await open();
    await bus.register("hang", async () => new Promise(() => undefined));
    const calls = Array.from({ length: 100 }, async () => rejection(bus.request("hang")));
    await bus.close();
    const codes = (await Promise.all(calls)).map((error) => (error as { code: string }).code);
    expect(new Set(codes)).toEqual(new Set(["BUS_CLOSED"]));
    expect(await rejection(bus.request("hang"))).toMatchObject({ code: "BUS_CLOSED" });
    expect(await rejection(bus.publish("flood"))).toMatchObject({ code: "BUS_CLOSED" });
  });

  it("lets what hears of a loss call at once, and tells it that it cannot", async () => {
    const bus = await open();
    let second: Promise<unknown> | undefined;
    const hang = await bus.register("hang", async (_, { signal }) => {
      signal.addEventListener("abort", () => {
        second = rejection(bus.request("hang"));
      });
      return new Promise(() => undefined);
    });
    const first = rejection(bus.request("hang"));
    await until(() => hang.stats.running === 1);
    await bus.close();
    expect(await first).toMatchObject({ code: "BUS_CLOSED" });
    expect(await second).toMatchObject({
      code: expect.stringMatching(
        /^(BUS_CLOSED|CONNECTION_CLOSED|ENDPOINT_GONE|ENDPOINT_NOT_FOUND)$/,
      ),
    });
  });
});

it("a member forgets a subscription that its hub ends in the same breath in which it begins", async () => {
  const path = `${folder()}/hub.sock`;
  const error = new AmphisError("SUBSCRIBER_SLOW", "Cannot go on: planted", {
    pattern: "x",
    limit: 1,
  });
  let subscribed = 0;
  const server = createServer((socket) => {
    const peer = RawPeer.of(socket);
    void (async () => {
      peer.send({ kind: "hello", body: encodeHello(HELLO) });
      for (let frame = await peer.next(); frame !== undefined; frame = await peer.next()) {
        const { kind, callId } = frame;
        if (kind !== "call") continue;
        const value = callId === 1 ? { peer: "m/1", hub: "raw" } : null;
        peer.send({ kind: "result", callId, body: encodeResult({ value }) });
        if (callId === 1) continue;
        subscribed += 1;
        peer.send({ kind: "error", callId, body: encodeErrorBody(error) });
        // Lost right away, so that the member sets up again what it believes to have.
        if (subscribed === 1) setImmediate(() => socket.destroy());
      }
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  atEnd(async () => new Promise((resolve) => server.close(resolve)));
  const states: string[] = [];
  const bus = await opened({
    join: `unix:${path}`,
    reconnect: { backoff: { initialMs: 1, maxMs: 2 } },
    onState: ({ kind }) => states.push(kind),
  });
  const subscription = await bus.subscribe("x", () => undefined);
  expect(await subscription.ended).toMatchObject({ code: "SUBSCRIBER_SLOW" });
  await until(() => states.includes("open"));
  expect(subscribed).toBe(1);
  expect(bus.stats.subscriptions).toBe(0);
});
