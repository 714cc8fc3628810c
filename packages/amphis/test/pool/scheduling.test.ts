import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Priority } from "@amphis/protocol";
import { expect, test } from "vitest";

import { rejection, until } from "../wait.ts";
import { call, folder, opened } from "./opened.ts";

test("calls go to as many workers as there may be, started when they are wanted", async () => {
  const go = join(folder(), "go");
  const pool = await opened({ workers: 3 });
  expect(pool.status().workers).toHaveLength(1);
  const calls = Array.from({ length: 3 }, () => call(pool, "wait_for", [go]));
  await until(() => pool.status().workers.filter(({ running }) => running === 1).length === 3);
  writeFileSync(go, "");
  await Promise.all(calls);
  expect(pool.status().workerCounts.started).toBe(3);
});

test("no more workers are started than there may be", async () => {
  const go = join(folder(), "go");
  const pool = await opened({ workers: 2 });
  const calls = Array.from({ length: 8 }, () => call(pool, "wait_for", [go]));
  await until(() => pool.status().workers.filter(({ running }) => running === 1).length === 2);
  expect(pool.status()).toMatchObject({ waiting: 6, open: 8 });
  writeFileSync(go, "");
  await Promise.all(calls);
  expect(pool.status().workerCounts.started).toBe(2);
});

test("workers beyond the minimum end when nothing is to do", async () => {
  const go = join(folder(), "go");
  const pool = await opened({ workers: 3, idleMs: 50, heartbeatMs: 100 });
  const calls = Array.from({ length: 3 }, () => call(pool, "wait_for", [go]));
  await until(() => pool.status().workers.filter(({ running }) => running === 1).length === 3);
  writeFileSync(go, "");
  await Promise.all(calls);
  await until(() => pool.status().workers.length === 1);
  expect(pool.status().workerCounts).toMatchObject({ crashed: 0, killed: 0 });
  expect(await call(pool, "echo", [1])).toBe(1);
});

test("a pool without a minimum starts its first worker with the first call", async () => {
  const pool = await opened({ minWorkers: 0 });
  expect(pool.status().workers).toHaveLength(0);
  expect(await call(pool, "echo", [1])).toBe(1);
});

test("higher priorities go first, and equal ones in their order", async () => {
  const dir = folder();
  const pool = await opened();
  const long = call(pool, "wait_for", [join(dir, "go")]);
  const wanted: [string, Priority][] = [
    ["a", "low"],
    ["b", "normal"],
    ["c", "high"],
    ["d", "critical"],
    ["e", "normal"],
  ];
  const calls = wanted.map(([text, priority]) =>
    call(pool, "append", [join(dir, "log"), text], { priority }),
  );
  writeFileSync(join(dir, "go"), "");
  await Promise.all([long, ...calls]);
  expect(readFileSync(join(dir, "log"), "utf8")).toBe("d\nc\nb\ne\na\n");
});

test("a call is refused when as many wait as may", async () => {
  const go = join(folder(), "go");
  const pool = await opened({ maxWaiting: 2 });
  const calls = Array.from({ length: 3 }, () => call(pool, "wait_for", [go]));
  expect(await rejection(call(pool, "echo", [1]))).toMatchObject({
    code: "QUEUE_FULL",
    waiting: 2,
  });
  writeFileSync(go, "");
  await Promise.all(calls);
  expect(await call(pool, "echo", [1])).toBe(1);
});

test("no call is sent ahead while a worker is free", async () => {
  const pool = await opened({ workers: 2, minWorkers: 2 });
  await until(() => pool.status().workers.every(({ state }) => state === "ready"));
  for (let n = 0; n < 10; n += 1) await call(pool, "pid");
  const [one, other] = await Promise.all([call(pool, "pid"), call(pool, "pid")]);
  expect(one).not.toBe(other);
});

test("a worker of threads does several calls at a time", async () => {
  const go = join(folder(), "go");
  const pool = await opened({ profile: "thread", threads: 4 });
  const calls = Array.from({ length: 3 }, () => call(pool, "wait_for", [go]));
  expect(await call(pool, "echo", [1])).toBe(1);
  expect(pool.status().workers[0]?.running).toBe(3);
  writeFileSync(go, "");
  await Promise.all(calls);
});

test("a worker of coroutines does many calls at a time", async () => {
  const pool = await opened({ profile: "asyncio" });
  const calls = Array.from({ length: 50 }, () => call(pool, "meet", [50]));
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 50 }, () => 50));
  expect(pool.status().workerCounts.started).toBe(1);
});

test("all calls that a worker of threads had begun with fail with it", async () => {
  const go = join(folder(), "go");
  const pool = await opened({ profile: "thread", threads: 4 });
  const calls = Array.from({ length: 3 }, () => rejection(call(pool, "wait_for", [go])));
  const crash = rejection(call(pool, "segfault"));
  for (const error of await Promise.all([...calls, crash])) {
    expect(error).toMatchObject({ code: "WORKER_CRASHED", isStarted: "unknown" });
  }
  expect(await call(pool, "echo", [1])).toBe(1);
});

test("a worker is replaced after so many calls, its replacement first", async () => {
  const pool = await opened({ recycle: { calls: 5 }, heartbeatMs: 100 });
  const pids = new Set<unknown>();
  while (pool.status().workerCounts.recycled < 2) pids.add(await call(pool, "pid"));
  pids.add(await call(pool, "pid"));
  expect(pids.size).toBe(3);
  expect(pool.status().workerCounts).toMatchObject({ crashed: 0, killed: 0 });
});

test("a worker is replaced when its memory has grown so much", async () => {
  const pool = await opened({ recycle: { memoryGrowthBytes: 8 << 20 }, heartbeatMs: 50 });
  const before = await call(pool, "pid");
  // Heartbeats measure it, the first time after its first calls.
  while (pool.status().workerCounts.recycled === 0) await call(pool, "grow", [1 << 18]);
  expect(await call(pool, "pid")).not.toBe(before);
});

test("a worker is replaced when it is so old", async () => {
  const pool = await opened({ recycle: { ageMs: 100 }, heartbeatMs: 100 });
  await until(() => pool.status().workerCounts.recycled >= 1);
  expect(await call(pool, "echo", [1])).toBe(1);
});

test("workers see the device that they are bound to, and calls go where they want", async () => {
  const pool = await opened({ workers: 2, devices: ["cuda:0", "cuda:3"] });
  const seen = (device: string): Promise<unknown> =>
    call(pool, "environment", ["CUDA_VISIBLE_DEVICES"], { device });
  expect(await seen("cuda:0")).toBe("0");
  expect(await seen("cuda:3")).toBe("3");
  expect(await rejection(seen("cuda:7"))).toBeInstanceOf(RangeError);
});

test("the breaker of one device leaves the other alone", async () => {
  const pool = await opened({
    workers: 2,
    devices: ["cuda:0", "cuda:1"],
    breaker: { crashes: 2, withinMs: 60_000, coolMs: 60_000 },
  });
  for (let n = 0; n < 2; n += 1) await rejection(call(pool, "segfault", [], { device: "cuda:0" }));
  expect(await rejection(call(pool, "echo", [1], { device: "cuda:0" }))).toMatchObject({
    code: "BREAKER_OPEN",
  });
  expect(await call(pool, "echo", [2], { device: "cuda:1" })).toBe(2);
  expect(await call(pool, "environment", ["CUDA_VISIBLE_DEVICES"])).toBe("1");
});

test("workers see what is allowed of the environment, and what was set", async () => {
  process.env["AMPHIS_TEST_SECRET"] = "secret";
  process.env["AMPHIS_TEST_NAMED"] = "named";
  const pool = await opened({ env: { allow: ["AMPHIS_TEST_N*"], set: { EXTRA: "1" } } });
  expect(await call(pool, "environment", ["AMPHIS_TEST_SECRET"])).toBeNull();
  expect(await call(pool, "environment", ["AMPHIS_TEST_NAMED"])).toBe("named");
  expect(await call(pool, "environment", ["EXTRA"])).toBe("1");
});

test("what Python writes to descriptor 1 itself is told as a log entry", async () => {
  const said: string[] = [];
  const pool = await opened({ onLog: ({ message, stream }) => said.push(`${stream}: ${message}`) });
  await call(pool, "say", ["first\nsecond\n"]);
  await until(() => said.length === 2);
  expect(said).toEqual(["stdout: first", "stdout: second"]);
});
