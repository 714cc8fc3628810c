import { expect, test } from "vitest";

import { backoffOf } from "./backoff.ts";
import { deviceEnvironment } from "./device-environment.ts";
import { workerEnvironment } from "./environment.ts";
import { Latency } from "./latency.ts";
import { Pace, Paces } from "./pace.ts";
import { recycleReason } from "./recycling.ts";
import { RetryBudget } from "./retry-budget.ts";

test("the budget lets ten retries pass, and then its share of the calls", () => {
  const budget = new RetryBudget(0.2);
  let passed = 0;
  while (budget.withdraw()) passed += 1;
  expect(passed).toBe(10);
  for (let call = 0; call < 100; call += 1) {
    budget.deposit();
    if (budget.withdraw()) passed += 1;
  }
  expect(passed).toBeGreaterThanOrEqual(29);
  expect(passed).toBeLessThanOrEqual(30);
});

test("a budget of 0 lets none pass", () => {
  const budget = new RetryBudget(0);
  budget.deposit();
  expect(budget.withdraw()).toBe(false);
});

test("the longest wait doubles up to a limit, and the wait is any part of it", () => {
  const longest = backoffOf({ initialMs: 10, maxMs: 100 }, () => 0.999_999);
  expect([1, 2, 3, 4, 5, 2_000].map((n) => Math.round(longest(n)))).toEqual([
    10, 20, 40, 80, 100, 100,
  ]);
  expect(backoffOf({}, () => 0)(3)).toBe(0);
  expect(() => backoffOf({ initialMs: 10, maxMs: 5 })).toThrow(RangeError);
});

test.for([
  [{ calls: 10 }, { calls: 10, ageMs: 0, memoryGrowthBytes: 0 }, "calls"],
  [{ calls: 10 }, { calls: 9, ageMs: 1e9, memoryGrowthBytes: 1e12 }, undefined],
  [{ ageMs: 5 }, { calls: 0, ageMs: 5, memoryGrowthBytes: undefined }, "age"],
  [{ memoryGrowthBytes: 7 }, { calls: 0, ageMs: 0, memoryGrowthBytes: 7 }, "memory"],
  [{ memoryGrowthBytes: 7 }, { calls: 0, ageMs: 0, memoryGrowthBytes: undefined }, undefined],
  [{}, { calls: 1e9, ageMs: 1e9, memoryGrowthBytes: 1e12 }, undefined],
] as const)("with %o a worker of %o is replaced for %s", ([options, figures, reason]) => {
  expect(recycleReason(options, figures)).toBe(reason);
});

test("a function is short when its calls of late were, and unknown at first", () => {
  const pace = new Pace(2);
  expect(pace.isShort).toBe(false);
  pace.add(10_000);
  let calls = 0;
  while (!pace.isShort) {
    pace.add(0.02);
    calls += 1;
  }
  expect(calls).toBe(7);
  pace.add(50);
  expect(pace.isShort).toBe(false);
});

test("the paces of functions are kept apart, and do not grow without end", () => {
  const paces = new Paces(2);
  const first = paces.of("f");
  first.add(0.1);
  expect(paces.of("f")).toBe(first);
  expect(paces.of("g").isShort).toBe(false);
  for (let n = 0; n < 2_000; n += 1) paces.of(`f${n}`);
  expect(paces.of("f")).not.toBe(first);
});

test("percentiles are at most an eighth too high and never above the longest", () => {
  const latency = new Latency();
  expect(latency.summary()).toMatchObject({ count: 0, meanMs: 0, p50Ms: 0, maxMs: 0 });
  for (let n = 1; n <= 1_000; n += 1) latency.add(n);
  const { count, meanMs, p50Ms, p90Ms, p99Ms, maxMs } = latency.summary();
  expect({ count, meanMs, maxMs }).toEqual({ count: 1_000, meanMs: 500.5, maxMs: 1_000 });
  for (const [value, exact] of [
    [p50Ms, 500],
    [p90Ms, 900],
    [p99Ms, 990],
  ] as const) {
    expect(value).toBeGreaterThanOrEqual(exact);
    expect(value).toBeLessThanOrEqual(exact * 1.125);
  }
});

test("durations beyond an hour and below a microsecond are counted", () => {
  const latency = new Latency();
  latency.add(0);
  latency.add(1e10);
  expect(latency.summary()).toMatchObject({ count: 2, maxMs: 1e10 });
});

test("workers get what they need and what is named, and no secrets", () => {
  const own = {
    PATH: "/bin",
    LC_ALL: "C",
    AWS_SECRET_ACCESS_KEY: "secret",
    NODE_OPTIONS: "--inspect",
    MY_A: "a",
    MY_B: "b",
    GONE: undefined,
  };
  expect(workerEnvironment({}, own)).toEqual({ PATH: "/bin", LC_ALL: "C" });
  expect(workerEnvironment({ allow: ["MY_*"], set: { MY_B: "c" } }, own)).toEqual({
    PATH: "/bin",
    LC_ALL: "C",
    MY_A: "a",
    MY_B: "c",
  });
  expect(workerEnvironment({ allow: ["*"] }, own)).toHaveProperty("NODE_OPTIONS");
});

test.for([
  ["cuda:1", "CUDA_VISIBLE_DEVICES", "1"],
  ["cuda", "CUDA_VISIBLE_DEVICES", "0"],
  ["rocm:2", "ROCR_VISIBLE_DEVICES", "2"],
  ["cpu", "CUDA_VISIBLE_DEVICES", ""],
] as const)("a worker of %s has %s=%s", ([device, name, value]) => {
  expect(deviceEnvironment(device)).toHaveProperty(name, value);
});

test.for(["", "gpu", "cuda:x", "cuda:0,1", "cpu "])("%j is no device", (device) => {
  expect(() => deviceEnvironment(device)).toThrow(RangeError);
});
