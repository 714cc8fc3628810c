import {
  decodeErrorBody,
  encodeResult,
  type FrameInit,
  Message,
  messageCodec,
} from "@amphis/protocol";
import { describe, expect, test } from "vitest";

import { callBody } from "../../test/bus/raw-peer.ts";
import { rawHub } from "../../test/bus/raw-hub.ts";
import { opened } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";

const GARBAGE = new Uint8Array([0xc1, 0xff, 0x00, 0x93]);
const FAST = { backoff: { initialMs: 1, maxMs: 20 } } as const;

describe("what a hub answers to a control call fails that alone when it", () => {
  test.each([
    ["is no result", "result", GARBAGE],
    ["is not the result that it should be", "result", encodeResult({ value: "text" })],
    ["is no error", "error", GARBAGE],
    ["is an end", "end", GARBAGE],
  ] as const)("%s", async (_, kind, body) => {
    const hub = await rawHub();
    const member = await opened({ join: hub.address });
    for (const ask of [() => member.find(), () => member.health()]) {
      const asked = rejection(ask());
      const { callId } = await hub.next();
      await hub.send({ kind, callId, body });
      expect(await asked).toMatchObject({ code: expect.any(String) });
    }
    expect(member.state.kind).toBe("open");
  });

  test.each([
    ["is no error", "error"],
    ["is an end", "end"],
  ] as const)("comes to a registration and %s", async (_, kind) => {
    const hub = await rawHub();
    const member = await opened({ join: hub.address });
    for (const set of [
      () => member.register("x", () => null),
      () => member.subscribe("x", () => undefined),
      () => member.route({ pattern: "x", to: "y" }),
    ]) {
      const setting = rejection(set());
      const { callId } = await hub.next();
      // What makes no sense before the answer is passed over.
      await hub.send({ kind: "credit", callId, body: GARBAGE });
      await hub.send({ kind, callId, body: GARBAGE });
      expect(await setting).toBeInstanceOf(Error);
    }
    expect(member.stats).toMatchObject({ endpoints: 0, subscriptions: 0 });
    expect(member.state.kind).toBe("open");
  });
});

describe("a member gives its hub up and joins again when it", () => {
  test.each([
    ["makes a control call", { kind: "call", callId: 2, body: callBody("bus:find", {}) }],
    ["sends a message that is none", { kind: "message", callId: 0, body: GARBAGE }],
    ["says hello again", { kind: "hello", callId: 0, body: GARBAGE }],
  ] satisfies (readonly [string, FrameInit])[])("%s", async (_, frame) => {
    const hub = await rawHub();
    const member = await opened({ join: hub.address, reconnect: FAST });
    const request = rejection(member.request("x"));
    await hub.next();
    await hub.send(frame);
    expect(await request).toMatchObject({ code: "CONNECTION_CLOSED" });
    await until(() => hub.joined === 2 && member.state.kind === "open");
  });
});

test("a request for an endpoint that a member does not have is answered so", async () => {
  const hub = await rawHub();
  const member = await opened({ join: hub.address });
  const message = new Message({ type: "request", target: "nobody", payload: 1 });
  const body = messageCodec("msgpack").encode(message);
  await hub.send({ kind: "message", callId: 2, body });
  const answer = await hub.next();
  expect(answer).toMatchObject({ kind: "error", callId: 2 });
  expect(decodeErrorBody(answer.body)).toMatchObject({ code: "ENDPOINT_NOT_FOUND" });
  expect(member.stats.refused).toBe(1);
});

test("an event for a subscription that is no more is counted and dropped", async () => {
  const hub = await rawHub();
  const member = await opened({ join: hub.address });
  const message = new Message({ type: "event", target: "log", payload: 1 });
  await hub.send({ kind: "message", callId: 9, body: messageCodec("msgpack").encode(message) });
  await until(() => member.stats.orphans === 1);
  expect(member.state.kind).toBe("open");
});
