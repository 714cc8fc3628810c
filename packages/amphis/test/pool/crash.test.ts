import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { subscribe } from "../../src/telemetry/index.ts";
import { rejection, until } from "../wait.ts";
import { call, folder, opened } from "./opened.ts";

test("a call is answered by a worker", async () => {
  const pool = await opened();
  expect(await call(pool, "echo", [[1, "two", null]])).toEqual([1, "two", null]);
  expect(await call(pool, "pid")).toBe(pool.status().workers[0]?.pid);
});

test("a segfault fails the call with the signal, the stack of Python and the name of the call", async () => {
  const pool = await opened();
  const error = await rejection(call(pool, "segfault"));
  expect(error).toMatchObject({
    code: "WORKER_CRASHED",
    death: "segfault",
    signal: "SIGSEGV",
    call: "segfault",
    pool: "default",
    worker: 1,
  });
  expect(error).toHaveProperty("pythonStack", expect.stringContaining("in segfault"));
  expect(await call(pool, "echo", ["again"])).toBe("again");
});

test.for([
  ["abort", [], "abort", "SIGABRT", -1],
  ["leave", [7], "exit", "", 7],
  ["leave", [0], "exit", "", 0],
  ["kill_itself", ["SIGKILL"], "killed", "SIGKILL", -1],
  ["kill_itself", ["SIGTERM"], "killed", "SIGTERM", -1],
  ["kill_itself", ["SIGILL"], "illegal instruction", "SIGILL", -1],
  ["kill_itself", ["SIGFPE"], "arithmetic fault", "SIGFPE", -1],
  ["kill_itself", ["SIGBUS"], "segfault", "SIGBUS", -1],
] as const)("%s(%s) is told as %s", async ([name, args, death, signal, exitCode]) => {
  const pool = await opened();
  const error = await rejection(call(pool, name, args));
  expect(error).toMatchObject({ code: "WORKER_CRASHED", death, signal, exitCode });
  expect(await call(pool, "echo", [1])).toBe(1);
});

test("what a worker wrote to standard error before it died is in the error", async () => {
  const pool = await opened();
  const error = await rejection(call(pool, "complain_and_leave", ["no disk\n"]));
  expect(error).toMatchObject({ code: "WORKER_CRASHED", exitCode: 3, stderr: "no disk\n" });
});

test("calls that the dead worker had not begun with are done by another, in their order", async () => {
  const path = join(folder(), "log");
  const pool = await opened();
  for (let n = 0; n < 10; n += 1) await call(pool, "append", [path, "warm"]);
  const crash = rejection(call(pool, "segfault"));
  const calls = Array.from({ length: 8 }, (_, n) => call(pool, "append", [path, String(n)]));
  expect(await crash).toMatchObject({ code: "WORKER_CRASHED" });
  await Promise.all(calls);
  const lines = readFileSync(path, "utf8").trim().split("\n").slice(10);
  expect(lines).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
  expect(pool.status().calls).toMatchObject({ crashed: 1, resolved: 18, rejected: 1 });
});

test("calls that were sent ahead move to another worker and are done once", async () => {
  const path = join(folder(), "log");
  const pool = await opened({ shortMs: 10_000 });
  // The function is known to be short, and so calls are sent behind it.
  for (let n = 0; n < 10; n += 1) await call(pool, "work:leave_if", [path, false]);
  const crash = rejection(call(pool, "work:leave_if", [path, true]));
  const calls = Array.from({ length: 8 }, () => call(pool, "work:leave_if", [path, false]));
  expect(pool.status().waiting).toBe(0);
  expect(await crash).toMatchObject({ code: "WORKER_CRASHED", exitCode: 9 });
  await Promise.all(calls);
  expect(readFileSync(path, "utf8").trim().split("\n")).toHaveLength(18);
  expect(pool.status().calls.moved).toBe(8);
});

test("an idempotent call is made again when its worker dies", async () => {
  const path = join(folder(), "mark");
  const pool = await opened({ retry: { backoff: { initialMs: 1 } } });
  expect(await call(pool, "crash_once", [path], { idempotent: true })).toBe("done");
  expect(pool.status().calls).toMatchObject({ retried: 1, resolved: 1, rejected: 0 });
});

test("an idempotent call that crashes each time fails after its attempts, with the last crash", async () => {
  const pool = await opened({ retry: { attempts: 3, backoff: { initialMs: 1 } } });
  const error = await rejection(call(pool, "segfault", [], { idempotent: true }));
  expect(error).toMatchObject({ code: "WORKER_CRASHED" });
  expect((error as Error).message).toContain("as in 3 of the last 3 crashes");
  expect(pool.status().patterns).toEqual([{ call: "segfault", kind: "segfault", count: 3 }]);
});

test("without a budget no call is made again", async () => {
  const pool = await opened({ retry: { budget: 0 } });
  await rejection(call(pool, "segfault", [], { idempotent: true }));
  expect(pool.status().calls.retried).toBe(0);
});

test("a worker that dies while it is idle is replaced", async () => {
  const pool = await opened();
  const first = await call(pool, "pid");
  expect(await call(pool, "crash_in_thread")).toBe("answered");
  await until(() => pool.status().workerCounts.crashed === 1);
  await until(() => pool.status().workers[0]?.state === "ready");
  expect(await call(pool, "pid")).not.toBe(first);
  expect(pool.status().crashes).toMatchObject([{ kind: "segfault", call: undefined }]);
});

test("workers that die again and again open the breaker, and a success closes it", async () => {
  const pool = await opened({ breaker: { crashes: 3, withinMs: 60_000, coolMs: 1_000 } });
  const changes: string[] = [];
  const leave = subscribe(
    ({ event }) => changes.push((event as { to: string }).to),
    ["breakerChange"],
  );
  for (let n = 0; n < 3; n += 1) await rejection(call(pool, "segfault"));
  const refused = await rejection(call(pool, "echo", [1]));
  expect(refused).toMatchObject({ code: "BREAKER_OPEN", crashes: 3, pool: "default" });
  await until(() => pool.status().breakers[0]?.retryAfterMs === 0);
  expect(await call(pool, "echo", [2])).toBe(2);
  leave();
  expect(changes).toEqual(["open", "half-open", "closed"]);
});

test("a death while the breaker is half open opens it for longer, and fails what waited", async () => {
  const pool = await opened({ breaker: { crashes: 2, withinMs: 60_000, coolMs: 1_000 } });
  for (let n = 0; n < 2; n += 1) await rejection(call(pool, "segfault"));
  await until(() => pool.status().breakers[0]?.retryAfterMs === 0);
  const tried = rejection(call(pool, "segfault"));
  expect(await rejection(call(pool, "echo", [1]))).toMatchObject({ code: "BREAKER_OPEN" });
  expect(await tried).toMatchObject({ code: "WORKER_CRASHED" });
  expect(pool.status().breakers[0]?.retryAfterMs).toBeGreaterThan(1_000);
});

test("a worker that takes more memory than it may raises an error or dies, and the pool goes on", async () => {
  const pool = await opened({ limits: { memoryBytes: 512 << 20 } });
  const error = await rejection(call(pool, "hog", [64]));
  expect(error).toMatchObject({ code: "PYTHON_OUT_OF_MEMORY" });
  expect(await call(pool, "echo", [1])).toBe(1);
});

test("a worker beyond its processor time is told as such", async () => {
  const pool = await opened({ limits: { cpuSeconds: 1 } });
  const error = await rejection(call(pool, "spin"));
  expect(error).toMatchObject({ code: "WORKER_CRASHED", death: "cpu limit" });
});

test("a stream whose worker dies brings what was made, and then the crash", async () => {
  const pool = await opened();
  const items: unknown[] = [];
  const work = {
    kind: "call",
    name: "count",
    function: "work:count_and_crash",
    args: [5],
  } as const;
  const read = async (): Promise<void> => {
    for await (const item of pool.stream(work, {})) items.push(item);
  };
  expect(await rejection(read())).toMatchObject({ code: "WORKER_CRASHED" });
  expect(items).toEqual([0, 1, 2, 3, 4]);
});

test("what a call left in its worker is gone after the death, and nothing of it runs on", async () => {
  const mark = join(folder(), "mark");
  const pool = await opened();
  await call(pool, "put", ["key", 1]);
  await rejection(call(pool, "segfault"));
  expect(await call(pool, "get", ["key"])).toBeNull();
  expect(existsSync(mark)).toBe(false);
});

test("without a fork server workers crash and are replaced just the same", async () => {
  const events: unknown[] = [];
  const leave = subscribe(({ event }) => events.push(event), ["fallback"]);
  const pool = await opened({ forkServer: false });
  leave();
  expect(events).toMatchObject([{ part: "worker start", wanted: "warden", used: "spawn" }]);
  expect(await rejection(call(pool, "segfault"))).toMatchObject({ death: "segfault" });
  expect(await call(pool, "echo", [1])).toBe(1);
});
