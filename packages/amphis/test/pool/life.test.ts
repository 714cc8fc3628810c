import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { SharedMemory } from "../../src/memory/index.ts";
import { WorkerPool } from "../../src/pool/index.ts";
import { rejection, until } from "../wait.ts";
import { call, descendants, descriptors, folder, opened } from "./opened.ts";

test("a pool that drains does all that it has, refuses more, and leaves no process", async () => {
  const go = join(folder(), "go");
  const pool = await opened();
  const calls = Array.from({ length: 3 }, () => call(pool, "wait_for", [go]));
  const drained = pool.drain();
  expect(await rejection(call(pool, "echo", [1]))).toMatchObject({ code: "POOL_CLOSED" });
  expect(pool.status().state).toBe("draining");
  writeFileSync(go, "");
  expect(await Promise.all(calls)).toEqual([go, go, go]);
  await drained;
  expect(pool.status()).toMatchObject({ state: "closed", workers: [] });
  expect(descendants()).toEqual([]);
});

test("a pool that stops rejects what waits, gives the rest its time, and then ends it", async () => {
  const pool = await opened();
  const running = rejection(call(pool, "nap", [60]));
  const waiting = rejection(call(pool, "echo", [1]));
  await pool.stop(100);
  expect(await waiting).toMatchObject({ code: "POOL_CLOSED" });
  expect(await running).toMatchObject({ code: "WORKER_KILLED", reason: "stopped" });
  expect(descendants()).toEqual([]);
});

test("a pool that stops lets a call end that has begun", async () => {
  const dir = folder();
  const pool = await opened();
  const running = call(pool, "mark_and_wait", [join(dir, "begun"), join(dir, "go")]);
  const stopped = pool.stop(60_000);
  writeFileSync(join(dir, "go"), "");
  expect(await running).toBe(join(dir, "go"));
  await stopped;
});

test("a pool that is killed while it drains ends at once", async () => {
  const pool = await opened();
  const running = rejection(call(pool, "nap", [60]));
  const drained = pool.drain();
  await pool.kill();
  await drained;
  expect(await running).toMatchObject({ code: "WORKER_KILLED" });
  await pool.stop();
  expect(descendants()).toEqual([]);
});

test("a pool that is killed while its workers start leaves nothing", async () => {
  const pool = await opened({ minWorkers: 0, workers: 4 });
  const calls = Array.from({ length: 4 }, () => rejection(call(pool, "echo", [1])));
  await pool.kill();
  for (const error of await Promise.all(calls)) {
    expect(error).toMatchObject({ code: "POOL_CLOSED" });
  }
  expect(descendants()).toEqual([]);
});

test("nothing is left of a pool that was used and closed: no process, descriptor or timer", async () => {
  const cycle = async (): Promise<void> => {
    const memory = await SharedMemory.open();
    const pool = await opened({ workers: 2, memory });
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => call(pool, "echo", [n], { timeoutMs: 10_000 })),
    );
    await rejection(call(pool, "segfault", [], { timeoutMs: 10_000 }));
    await rejection(call(pool, "spin", [], { timeoutMs: 20 }));
    await pool.drain();
    memory.close();
  };
  await cycle();
  await until(() => descendants().length === 0);
  const before = descriptors();
  const timers = active();
  for (let n = 0; n < 3; n += 1) await cycle();
  expect(descendants()).toEqual([]);
  // Node closes some in turns of their own, and the test runner has timers too.
  await until(() => descriptors() <= before && active().length <= timers.length);
});

test("an interpreter that is not there fails the opening", async () => {
  const opening = opened({ python: "/nowhere/python3" });
  expect(await rejection(opening)).toMatchObject({
    code: expect.stringMatching(/PYTHON_NOT_FOUND|WORKER_START_FAILED/),
  });
});

test("an interpreter that ends at once fails the opening with what it said", async () => {
  const python = join(folder(), "python3");
  writeFileSync(python, "#!/bin/sh\necho 'no licence' >&2\nexit 4\n", { mode: 0o755 });
  const error = await rejection(opened({ python, startBackoff: { initialMs: 1 } }));
  expect(error).toMatchObject({ code: "WORKER_START_FAILED", pool: "default" });
  expect(error).toHaveProperty("stderr", expect.stringContaining("no licence"));
  await until(() => descendants().length === 0);
});

test("a worker that is not ready in time fails the opening", async () => {
  const dir = folder();
  writeFileSync(join(dir, "slow_start.py"), "import time\ntime.sleep(60)\n");
  const opening = opened({
    path: [dir],
    preload: ["slow_start"],
    startTimeoutMs: 300,
    startBackoff: { initialMs: 1 },
  });
  expect(await rejection(opening)).toMatchObject({
    code: "WORKER_START_FAILED",
    reason: expect.stringContaining("300 ms"),
  });
});

test("calls are told when no worker can be started, one attempt follows the other, and none is lost", async () => {
  const dir = folder();
  const gate = join(dir, "gate");
  writeFileSync(
    join(dir, "gated.py"),
    `import os\nif os.path.exists(${JSON.stringify(gate)}): os._exit(5)\n`,
  );
  const pool = await opened({
    path: [dir],
    preload: ["gated"],
    startBackoff: { initialMs: 1, maxMs: 5 },
  });
  writeFileSync(gate, "");
  await rejection(call(pool, "segfault"));
  expect(await rejection(call(pool, "echo", [1]))).toMatchObject({ code: "WORKER_START_FAILED" });
  const { rmSync } = await import("node:fs");
  rmSync(gate);
  await until(() => pool.status().workers.some(({ state }) => state === "ready"));
  expect(await call(pool, "echo", [2])).toBe(2);
});

test.for([
  [{ workers: 0 }, "workers"],
  [{ minWorkers: 3, workers: 2 }, "minWorkers"],
  [{ maxWaiting: -1 }, "maxWaiting"],
  [{ graceMs: Number.NaN }, "graceMs"],
  [{ devices: ["gpu"] }, "device"],
  [{ devices: ["cpu", "cpu"] }, "devices"],
  [{ retry: { budget: 2 } }, "retry.budget"],
  [{ recycle: { calls: 0 } }, "recycle.calls"],
] as const)("%o is refused, and %s is named", async ([options, name]) => {
  const opening = WorkerPool.open({ python: "python3", ...options });
  const error = await rejection(opening);
  expect(error).toBeInstanceOf(RangeError);
  expect((error as Error).message).toContain(name);
});

/** Timers that run. */
function active(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout");
}
