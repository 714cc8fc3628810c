import { expect, test } from "vitest";

import { Breaker } from "./breaker.ts";

function breaker(changes: string[] = []): Breaker {
  return new Breaker({ crashes: 3, withinMs: 1_000, coolMs: 100 }, (from, { state }) =>
    changes.push(`${from} > ${state}`),
  );
}

function opened(changes: string[] = []): Breaker {
  const made = breaker(changes);
  for (let n = 0; n < 3; n += 1) made.died(0);
  return made;
}

test("it opens at the third death within the time, and refuses until it has cooled", () => {
  const it = breaker();
  it.died(0);
  it.died(10);
  expect(it.admits(10)).toBe(true);
  it.died(20);
  expect(it.state).toBe("open");
  expect(it.admits(119)).toBe(false);
  expect(it.retryAfterMs(70)).toBe(50);
});

test("deaths that are long ago do not count", () => {
  const it = breaker();
  for (const at of [0, 600, 1_200, 1_800, 2_400]) it.died(at);
  expect(it.state).toBe("closed");
  expect(it.crashes).toBe(2);
});

test("when it has cooled one call is tried, and its success closes it", () => {
  const changes: string[] = [];
  const it = opened(changes);
  expect(it.admits(100)).toBe(true);
  it.trying();
  expect(it.admits(100)).toBe(false);
  it.alive();
  expect(it.isClosed).toBe(true);
  expect(it.crashes).toBe(0);
  expect(changes).toEqual(["closed > open", "open > half-open", "half-open > closed"]);
});

test("a death while it is half open opens it for twice as long, up to eight times", () => {
  const it = opened();
  const waits: number[] = [];
  let now = 0;
  for (let n = 0; n < 5; n += 1) {
    now += it.retryAfterMs(now);
    expect(it.admits(now)).toBe(true);
    it.trying();
    it.died(now);
    waits.push(it.retryAfterMs(now));
  }
  expect(waits).toEqual([200, 400, 800, 800, 800]);
});

test("a tried call that told nothing lets another be tried", () => {
  const it = opened();
  it.admits(100);
  it.trying();
  it.untried();
  expect(it.admits(100)).toBe(true);
});

test("answers from before it opened do not close it", () => {
  const it = opened();
  it.alive();
  expect(it.state).toBe("open");
});

test("with 0 crashes it never opens", () => {
  const it = new Breaker({ crashes: 0 });
  for (let n = 0; n < 100; n += 1) it.died(n);
  expect(it.isClosed).toBe(true);
});
