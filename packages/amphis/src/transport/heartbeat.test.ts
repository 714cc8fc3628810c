import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Heartbeat } from "./heartbeat.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start(intervalMs: number): { log: string[]; heartbeat: Heartbeat } {
  const log: string[] = [];
  const heartbeat = new Heartbeat(intervalMs, {
    ask: () => void log.push("ask"),
    show: () => void log.push("show"),
    lost: (silentMs) => void log.push(`lost ${silentMs}`),
  });
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

test("a side that does not read shows that it lives, and does not blame its peer", () => {
  const { log, heartbeat } = start(1_000);
  heartbeat.setDeaf(true);
  vi.advanceTimersByTime(3_000);
  expect(log).toEqual(["show", "show", "show", "show", "show"]);
  heartbeat.setDeaf(false);
  vi.advanceTimersByTime(900);
  expect(log).toHaveLength(5);
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

test("an interval of 0 needs no timer, and stop leaves none", () => {
  start(0);
  expect(vi.getTimerCount()).toBe(0);
  start(1_000).heartbeat.stop();
  expect(vi.getTimerCount()).toBe(0);
});
