import { Message, messageCodec } from "@amphis/protocol";
import { expect, test } from "vitest";

import { joinedPeer } from "../../test/bus/raw-peer.ts";
import { opened, unixAddress } from "../../test/bus/three-ways.ts";
import { until } from "../../test/wait.ts";

/** An event whose head can be read, and whose payload ends too early. */
function brokenEvent(): Uint8Array {
  const event = new Message({ type: "event", target: "log", payload: "x".repeat(100) });
  return messageCodec("msgpack").encode(event).slice(0, -10);
}

test.each([
  ["with onError", true],
  ["without onError", false],
])("an event that cannot be read harms nobody %s", async (_, hears) => {
  const errors: unknown[] = [];
  const options = hears ? { onError: (error: unknown) => errors.push(error) } : {};
  const hub = await opened({ ...options, name: "hub", listen: unixAddress() });
  const address = hub.addresses[0] as string;
  const member = await opened({ ...options, name: "member", join: address });
  const heard: unknown[] = [];
  for (const bus of [hub, member]) {
    await bus.subscribe("log", (payload) => void heard.push([bus.name, payload]));
  }
  await hub.subscribe("log", () => void heard.push("filtered"), { filter: { "payload.a": 1 } });
  const peer = await joinedPeer(address);
  await peer.send({ kind: "message", callId: 0, body: brokenEvent() });
  await peer.message(0, { type: "event", target: "log", payload: "whole" });
  await until(() => heard.length === 2);
  expect(heard).toContainEqual(["hub", "whole"]);
  expect(heard).toContainEqual(["member", "whole"]);
  expect(errors).toEqual([]);
  expect(hub.stats.refused).toBe(2);
  expect(member.stats.refused).toBe(1);
});

test("a request that cannot be read fails alone", async () => {
  const hub = await opened({ name: "hub", listen: unixAddress() });
  const address = hub.addresses[0] as string;
  const member = await opened({ name: "member", join: address });
  for (const bus of [hub, member]) await bus.register(`of ${bus.name}`, (payload) => payload);
  const peer = await joinedPeer(address);
  for (const [i, target] of ["of hub", "of member"].entries()) {
    const request = new Message({ type: "request", target, payload: "x".repeat(100) });
    const body = messageCodec("msgpack").encode(request).slice(0, -10);
    const callId = 3 + 2 * i;
    await peer.send({ kind: "message", callId, body });
    expect(await peer.answer(callId)).toMatchObject({
      code: expect.stringMatching(/DECODE|INVALID/),
    });
  }
  expect(hub.stats.peers).toBe(2);
});
