import { messageCodec } from "@amphis/protocol";
import { expect, test } from "vitest";

import { joinedPeer } from "../../test/bus/raw-peer.ts";
import { opened, unixAddress } from "../../test/bus/three-ways.ts";
import { rejection, until } from "../../test/wait.ts";

const FILLING = new Uint8Array(100_000);

test("time that a message waits in the hub is taken off its TTL", async () => {
  const hub = await opened({ name: "hub", listen: unixAddress() });
  const peer = await joinedPeer(hub.addresses[0] as string);
  await peer.call(3, "bus:subscribe", { pattern: "log", policy: "drop-oldest", maxMessages: 999 });
  const goOn = peer.pause();
  const ttlMs = 60_000;
  for (let i = 0; i < 50; i += 1) await hub.publish("log", FILLING, { ttlMs });
  await hub.register("never", () => new Promise<null>(() => undefined));
  await rejection(hub.request("never", null, { timeoutMs: 200 }));
  goOn();
  const events = (): typeof peer.heard => peer.heard.filter(({ callId }) => callId === 3).slice(1);
  await until(() => events().length === 50);
  const last = events().at(-1);
  if (last === undefined) throw new Error("Cannot read event: none came");
  expect(messageCodec("msgpack").peek(last.body).ttlMs).toBeLessThanOrEqual(ttlMs - 150);
});
