import { channel, subscribe as subscribeInNode } from "node:diagnostics_channel";

import { expect, test } from "vitest";

import { callStart, eventNames, poolDrain, subscribe, type NamedEvent } from "./index.ts";

const drain = { pool: "main", waiting: 2, running: 1 };

test("channel has subscribers exactly while somebody listens", () => {
  expect(poolDrain.hasSubscribers).toBe(false);
  const leave = subscribe(() => undefined, ["poolDrain"]);
  expect(poolDrain.hasSubscribers).toBe(true);
  expect(callStart.hasSubscribers).toBe(false);
  leave();
  leave();
  expect(poolDrain.hasSubscribers).toBe(false);
});

test("listener hears each event once, with its name, and none after it left", () => {
  const heard: NamedEvent[] = [];
  const leave = subscribe((named) => heard.push(named), ["poolDrain", "poolDrain"]);
  poolDrain.publish(drain);
  leave();
  poolDrain.publish(drain);
  expect(heard).toEqual([{ name: "poolDrain", event: drain }]);
});

test("channel is that of diagnostics_channel, for those who know only Node", () => {
  const heard: unknown[] = [];
  const listener = (event: unknown, name: string | symbol): void => void heard.push([event, name]);
  subscribeInNode("amphis:pool:drain", listener);
  poolDrain.publish(drain);
  expect(channel("amphis:pool:drain")).toBe(poolDrain);
  expect(poolDrain.unsubscribe(listener)).toBe(true);
  expect(heard).toEqual([[drain, "amphis:pool:drain"]]);
});

test("every name of the catalogue has a channel of its own", async () => {
  const telemetry: Record<string, unknown> = { ...(await import("./index.ts")) };
  const names = eventNames.map((name) => (telemetry[name] as { name: string }).name);
  expect(new Set(names).size).toBe(eventNames.length);
  expect(names.every((name) => /^amphis:[a-z]+(:[a-z]+)?$/.test(name))).toBe(true);
});

test("names of no event are refused, and nobody listens then", () => {
  const names = ["poolDrain", "toString"] as unknown as ["poolDrain"];
  expect(() => subscribe(() => undefined, names)).toThrow(RangeError);
  expect(poolDrain.hasSubscribers).toBe(false);
});
