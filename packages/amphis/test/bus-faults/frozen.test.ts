import { isAmphisError } from "@amphis/protocol";
import type { BusStats } from "amphis/bus";
import { afterEach, describe, expect, it } from "vitest";

import { rejection, until } from "../wait.ts";
import { Child } from "./child.ts";
import { usePrograms } from "./programs.ts";
import { bystanders, clear, folder, opened } from "./stage.ts";

const programs = usePrograms("member");

afterEach(clear);

/** Long enough that nobody who is awake is given up, on a loaded machine too. */
const HEARTBEAT_MS = 500;
const RECONNECT = { backoff: { initialMs: 1, maxMs: 20 } };

async function memberAt(address: string, name: string, heartbeatMs: number): Promise<Child> {
  const child = Child.fork(programs.member);
  const connection = { heartbeatMs };
  await child.ask({
    act: "open",
    options: { join: address, name, connection, reconnect: RECONNECT },
  });
  return child;
}

async function hubAt(
  address: string,
  options: { readonly heartbeatMs: number; readonly queueBytes?: number },
): Promise<Child> {
  const child = Child.fork(programs.member);
  const { heartbeatMs, queueBytes } = options;
  await child.ask({
    act: "open",
    options: { listen: address, name: "hub", connection: { heartbeatMs }, queueBytes },
  });
  return child;
}

/** The codes of an error and of what caused it. */
function codesOf(error: unknown): string[] {
  return isAmphisError(error) ? [error.code, ...codesOf(error.cause)] : [];
}

describe("a frozen endpoint", () => {
  it("is given up with PEER_LOST, and what it was asked fails with ENDPOINT_GONE", async () => {
    const address = `unix:${folder()}/hub.sock`;
    const hub = await opened({ listen: address, connection: { heartbeatMs: HEARTBEAT_MS } });
    const others = await bystanders(address);
    const child = await memberAt(address, "victim", 0);
    await child.ask({ act: "register", name: "victim.echo", does: "echo" });
    expect(await hub.request("victim.echo", 1)).toBe(1);
    const reasons: string[] = [];
    await hub.watch(({ kind, endpoint }) => kind === "down" && reasons.push(endpoint.reason));
    child.freeze();
    const error = await rejection(hub.request("victim.echo", 2));
    expect(codesOf(error)).toEqual(["ENDPOINT_GONE", "CONNECTION_CLOSED", "PEER_LOST"]);
    await until(() => reasons.length === 1);
    expect(reasons[0]).toMatch(/^its member was lost: .*was silent for \d+ ms$/);
    expect(hub.stats.peers).toBe(2);
    expect(await others.stop()).toEqual([]);
    // Awake again, it joins anew and serves.
    child.thaw();
    await child.says("reconnecting");
    await child.ask({ act: "await-open" });
    expect(await hub.request("victim.echo", 3)).toBe(3);
  });

  it("answers everything when it goes on before the heartbeat gives it up", async () => {
    const address = `unix:${folder()}/hub.sock`;
    const hub = await opened({ listen: address, connection: { heartbeatMs: 0 } });
    const others = await bystanders(address);
    const child = await memberAt(address, "victim", 0);
    await child.ask({ act: "register", name: "victim.echo", does: "echo" });
    child.freeze();
    const calls = Array.from({ length: 5_000 }, async (_, n) => hub.request("victim.echo", n));
    const asked = others.asked();
    await until(() => others.asked() > asked + 20);
    child.thaw();
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 5_000 }, (_, n) => n));
    expect(await others.stop()).toEqual([]);
  });
});

describe("a frozen subscriber", () => {
  it("costs the hub what it may and no more, and nobody else anything", async () => {
    const address = `unix:${folder()}/hub.sock`;
    const hub = await hubAt(address, { heartbeatMs: 0, queueBytes: 1_048_576 });
    const victim = await memberAt(address, "victim", 0);
    await victim.ask({ act: "subscribe", pattern: "flood" });
    const other = await opened({ join: address, name: "other" });
    let heard = 0;
    let inOrder = true;
    await other.subscribe("flood", (payload) => {
      inOrder &&= (payload as { number: number }).number === heard;
      heard += 1;
    });
    const publisher = await opened({ join: address, name: "publisher" });
    const before = await hub.ask({ act: "usage" });
    victim.freeze();
    let most = 0;
    for (let sent = 0; sent < 200_000;) {
      for (const end = sent + 4_000; sent < end; sent += 1) {
        await publisher.publish("flood", { number: sent, phase: "flood", text: "x".repeat(40) });
      }
      await until(() => heard === sent);
      if (sent % 40_000 === 0) most = Math.max(most, (await hub.ask({ act: "usage" })).bytes);
    }
    expect(inOrder).toBe(true);
    expect(other.stats.dropped).toBe(0);
    expect(most - before.bytes).toBeLessThan(24 * 1_048_576);
    const { dropped } = statsOf(await hub.ask({ act: "usage" }));
    expect(dropped).toBeGreaterThan(100_000);
    victim.thaw();
    await expect
      .poll(async () => victim.ask({ act: "tally", phase: "flood" }))
      .toBe(200_000 - dropped);
    expect(statsOf(await hub.ask({ act: "usage" })).dropped).toBe(dropped);
  });

  it("gets everything in order when it goes on before the heartbeat gives it up", async () => {
    const address = `unix:${folder()}/hub.sock`;
    const hub = await opened({ listen: address, connection: { heartbeatMs: 0 } });
    const victim = await memberAt(address, "victim", 0);
    await victim.ask({ act: "subscribe", pattern: "flood", record: "victim" });
    victim.freeze();
    for (let number = 0; number < 20_000; number += 1) {
      await hub.publish("flood", { number, phase: "flood" });
    }
    victim.thaw();
    await expect.poll(async () => victim.ask({ act: "tally", phase: "flood" })).toBe(20_000);
    const numbers = (await victim.ask({ act: "delivered" })).map(({ number }) => number);
    expect(numbers).toEqual(Array.from({ length: 20_000 }, (_, n) => n));
    expect(hub.stats.dropped).toBe(0);
  });

  it("is given up with PEER_LOST while events wait for it", async () => {
    const address = `unix:${folder()}/hub.sock`;
    const hub = await opened({
      listen: address,
      connection: { heartbeatMs: HEARTBEAT_MS },
      queueBytes: 100_000,
    });
    const victim = await memberAt(address, "victim", 0);
    await victim.ask({ act: "subscribe", pattern: "flood" });
    victim.freeze();
    await until(() => {
      void hub.publish("flood", { number: 0, phase: "flood", text: "x".repeat(1_000) });
      return hub.stats.peers === 0;
    });
    expect(hub.stats.dropped).toBeGreaterThan(0);
  });
});

it("a frozen member keeps the hub from draining for no longer than it is given up", async () => {
  const address = `unix:${folder()}/hub.sock`;
  const hub = await opened({ listen: address, connection: { heartbeatMs: HEARTBEAT_MS } });
  const victim = await memberAt(address, "victim", 0);
  await victim.ask({ act: "register", name: "victim.echo", does: "echo" });
  await victim.ask({ act: "subscribe", pattern: "flood" });
  victim.freeze();
  const call = rejection(hub.request("victim.echo", 1));
  for (let number = 0; number < 20_000; number += 1) {
    await hub.publish("flood", { number, phase: "flood" });
  }
  await hub.drain();
  expect(await call).toMatchObject({ code: "ENDPOINT_GONE" });
  expect(hub.state).toEqual({ kind: "closed", error: undefined });
});

describe("a frozen caller", () => {
  it("that does not read its answers costs the hub what it may and no more, and is given up", async () => {
    const address = `unix:${folder()}/hub.sock`;
    const hub = await hubAt(address, { heartbeatMs: HEARTBEAT_MS, queueBytes: 1_048_576 });
    await hub.ask({ act: "register", name: "hub.bytes", does: "bytes" });
    const others = await bystanders(address);
    const victim = await memberAt(address, "victim", 0);
    const before = await hub.ask({ act: "usage" });
    // 256 MiB of answers.
    await victim.ask({ act: "call", target: "hub.bytes", payload: 65_536, count: 4_096 });
    void rejection(victim.ask({ act: "freeze" }));
    let most = 0;
    await expect
      .poll(async () => {
        const { stats, bytes } = await hub.ask({ act: "usage" });
        most = Math.max(most, bytes - before.bytes);
        return stats?.peers;
      })
      .toBe(2);
    expect(most).toBeLessThan(24 * 1_048_576);
    expect(await others.stop()).toEqual([]);
  });

  it("gets all its answers when it goes on", async () => {
    const address = `unix:${folder()}/hub.sock`;
    const hub = await hubAt(address, { heartbeatMs: 0, queueBytes: 1_048_576 });
    await hub.ask({ act: "register", name: "hub.bytes", does: "bytes" });
    const others = await bystanders(address);
    const victim = await memberAt(address, "victim", 0);
    await victim.ask({ act: "call", target: "hub.bytes", payload: 65_536, count: 1_000 });
    victim.freeze();
    const asked = others.asked();
    await until(() => others.asked() > asked + 50);
    victim.thaw();
    expect(await victim.ask({ act: "outcomes" })).toEqual({ answered: 1_000 });
    expect(await others.stop()).toEqual([]);
  });
});

describe("a frozen hub", () => {
  it("is given up with PEER_LOST, and joined again when it goes on", async () => {
    const address = `unix:${folder()}/hub.sock`;
    const hub = await hubAt(address, { heartbeatMs: 0 });
    await hub.ask({ act: "register", name: "hub.echo", does: "echo" });
    const errors: unknown[] = [];
    const bus = await opened({
      join: address,
      connection: { heartbeatMs: HEARTBEAT_MS },
      reconnect: RECONNECT,
      onState: (state) => state.kind === "reconnecting" && errors.push(state.error),
    });
    await bus.register("member.echo", (payload) => payload);
    hub.freeze();
    const error = await rejection(bus.request("hub.echo", 1));
    expect(codesOf(error)).toEqual(["CONNECTION_CLOSED", "PEER_LOST"]);
    await until(() => errors.length > 0);
    expect(codesOf(errors[0])).toContain("PEER_LOST");
    hub.thaw();
    await until(() => bus.state.kind === "open");
    expect(await bus.request("hub.echo", 2)).toBe(2);
    await hub.ask({ act: "call", target: "member.echo", count: 1 });
    expect(await hub.ask({ act: "outcomes" })).toEqual({ answered: 1 });
  });

  it("keeps a member from draining for no longer than it is given up", async () => {
    const address = `unix:${folder()}/hub.sock`;
    const hub = await hubAt(address, { heartbeatMs: 0 });
    await hub.ask({ act: "register", name: "hub.echo", does: "echo" });
    const bus = await opened({ join: address, connection: { heartbeatMs: HEARTBEAT_MS } });
    await bus.register("member.echo", (payload) => payload);
    await bus.subscribe("news", () => undefined);
    hub.freeze();
    const call = rejection(bus.request("hub.echo", 1));
    for (let n = 0; n < 2_000; n += 1) await bus.publish("news", n);
    await bus.drain();
    expect(await call).toMatchObject({ code: "CONNECTION_CLOSED" });
    expect(bus.state).toEqual({ kind: "closed", error: undefined });
  });

  it("loses nothing that it was sent when it goes on before the heartbeat gives it up", async () => {
    const address = `unix:${folder()}/hub.sock`;
    const hub = await hubAt(address, { heartbeatMs: 0 });
    await hub.ask({ act: "register", name: "hub.echo", does: "echo" });
    const bus = await opened({ join: address, connection: { heartbeatMs: 0 } });
    const heard: unknown[] = [];
    await bus.subscribe("news", (payload) => void heard.push(payload));
    hub.freeze();
    const calls = Array.from({ length: 2_000 }, async (_, n) => bus.request("hub.echo", n));
    const published = Array.from({ length: 2_000 }, async (_, n) => bus.publish("news", n));
    hub.thaw();
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 2_000 }, (_, n) => n));
    await Promise.all(published);
    await until(() => heard.length === 2_000);
    expect(heard).toEqual(Array.from({ length: 2_000 }, (_, n) => n));
  });
});

it("a hub and a member that ask each other for more than either holds both get everything", async () => {
  const address = `unix:${folder()}/hub.sock`;
  const hub = await hubAt(address, { heartbeatMs: 0, queueBytes: 262_144 });
  await hub.ask({ act: "register", name: "hub.bytes", does: "bytes" });
  const member = Child.fork(programs.member);
  const connection = { heartbeatMs: 0 };
  await member.ask({ act: "open", options: { join: address, queueBytes: 262_144, connection } });
  await member.ask({ act: "register", name: "member.bytes", does: "bytes" });
  // Each would wait for the other to read, did not one of them always read.
  const call = { act: "call", payload: 65_536, count: 400 } as const;
  await Promise.all([
    hub.ask({ ...call, target: "member.bytes" }),
    member.ask({ ...call, target: "hub.bytes" }),
  ]);
  expect(await hub.ask({ act: "outcomes" })).toEqual({ answered: 400 });
  expect(await member.ask({ act: "outcomes" })).toEqual({ answered: 400 });
});

function statsOf({ stats }: { readonly stats: BusStats | undefined }): BusStats {
  if (stats === undefined) throw new Error("Cannot read stats: there is no bus");
  return stats;
}
