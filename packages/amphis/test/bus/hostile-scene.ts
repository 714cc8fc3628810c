import { expect } from "vitest";

import type { Bus } from "../../src/bus/bus.ts";
import { joinedPeer, type RawPeer } from "./raw-peer.ts";
import { opened, unixAddress } from "./three-ways.ts";
import { until } from "../wait.ts";

export interface Scene {
  readonly hub: Bus;
  readonly member: Bus;
  readonly peer: RawPeer;
}

/** A hub with a member in good standing, and a peer that is about to misbehave. */
export async function hostileScene(): Promise<Scene> {
  const hub = await opened({ name: "hub", listen: unixAddress() });
  const [address] = hub.addresses as [string];
  const member = await opened({ join: address, name: "member" });
  await member.register("echo", (payload) => payload);
  return { hub, member, peer: await joinedPeer(address) };
}

/** Who did nothing wrong notices nothing. */
export async function othersGoOn({ hub, member }: Scene): Promise<void> {
  expect(await hub.request("echo", 1)).toBe(1);
  expect(await member.request("echo", 2)).toBe(2);
}

const answered = new WeakMap<RawPeer, number>();

/** The call id of the next request to a peer. */
export async function nextRequest(peer: RawPeer): Promise<number> {
  const requests = (): RawPeer["heard"] => peer.heard.filter(({ kind }) => kind === "message");
  const next = answered.get(peer) ?? 0;
  answered.set(peer, next + 1);
  await until(() => requests().length > next);
  return requests()[next]?.callId ?? 0;
}
