import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Heartbeat } from "./heartbeat.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  for (const heartbeat of running.splice(0)) heartbeat.stop();
  vi.useRealTimers();
});

const running: Heartbeat[] = [];

function start(intervalMs: number): { log: string[]; heartbeat: Heartbeat } {
  const log: string[] = [];
  const heartbeat = new Heartbeat(intervalMs, {
    ask: () => void log.push("ask"),
    show: () => void log.push("show"),
    lost: (silentMs) => void log.push(`lost ${silentMs}`),
  });
  running.push(heartbeat);
  return { log, heartbeat };
}

test("a silent peer is asked once, and lost after as long again", () => {
  const { log } = start(1_000);
  vi.advanceTimersByTime(999);
  expect(log).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(log).toEqual(["ask"]);
  vi.advanceTimersByTime(1_000);
  expect(log).toEqual(["ask", "lost 2000"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a peer that is heard is not asked", () => {
  const { log, heartbeat } = start(1_000);
  for (let i = 0; i < 10; i += 1) {
    vi.advanceTimersByTime(900);
    heartbeat.heard();
  }
  expect(log).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(log).toEqual(["ask"]);
});

test("a peer that answers is asked again after the next silence", () => {
  const { log, heartbeat } = start(1_000);
  vi.advanceTimersByTime(1_500);
  heartbeat.heard();
  vi.advanceTimersByTime(999);
  expect(log).toEqual(["ask"]);
  vi.advanceTimersByTime(1);
  expect(log).toEqual(["ask", "ask"]);
});

test("silence between two looks is noticed a quarter of the interval late at most", () => {
  const { log, heartbeat } = start(1_000);
  vi.advanceTimersByTime(1);
  heartbeat.heard();
  vi.advanceTimersByTime(1_249);
  expect(log).toEqual(["ask"]);
  vi.advanceTimersByTime(1_000);
  expect(log).toEqual(["ask", "lost 2249"]);
});

test("a side that does not read shows that it lives, and does not blame its peer", () => {
  const { log, heartbeat } = start(1_000);
  heartbeat.setDeaf(true);
  expect(heartbeat.silentMs).toBe(0);
  vi.advanceTimersByTime(1_000);
  expect(log).toEqual(["show", "show", "show", "show"]);
  heartbeat.setDeaf(false);
  vi.advanceTimersByTime(999);
  expect(log).toHaveLength(4);
  expect(heartbeat.silentMs).toBe(999);
});

test("a process that slept does not blame its peer", () => {
  const { log } = start(1_000);
  vi.advanceTimersByTime(1_000);
  const now = performance.now();
  vi.spyOn(performance, "now").mockImplementation(() => now + 3_600_000);
  vi.advanceTimersByTime(1_000);
  expect(log).toEqual(["ask"]);
  vi.restoreAllMocks();
});

test("all heartbeats of an interval share a timer, which ends with the last of them", () => {
  const heartbeats = Array.from({ length: 100 }, () => start(1_000).heartbeat);
  const other = start(2_000).heartbeat;
  expect(vi.getTimerCount()).toBe(2);
  for (const heartbeat of heartbeats) heartbeat.stop();
  expect(vi.getTimerCount()).toBe(1);
  other.stop();
  other.stop();
  expect(vi.getTimerCount()).toBe(0);
});

test("a heartbeat that ends within a look leaves the others alone", () => {
  const { heartbeat } = start(1_000);
  const { log } = start(1_000);
  vi.advanceTimersByTime(1_000);
  heartbeat.heard();
  vi.advanceTimersByTime(1_000);
  expect(log).toEqual(["ask", "lost 2000"]);
  expect(vi.getTimerCount()).toBe(1);
});

test("an interval of 0 needs no timer", () => {
  start(0);
  expect(vi.getTimerCount()).toBe(0);
});
