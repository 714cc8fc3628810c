import { getEventListeners } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { subscribe } from "../../src/telemetry/index.ts";
import { rejection, until } from "../wait.ts";
import { call, folder, opened } from "./opened.ts";

test("a call beyond its deadline is rejected with what Python was doing, and its worker goes on", async () => {
  const pool = await opened();
  const before = await call(pool, "pid");
  const { error } = await stackOf(() => call(pool, "spin", [], { timeoutMs: 1_000 }));
  expect(error).toMatchObject({ code: "CALL_TIMEOUT", call: "spin", timeoutMs: 1_000 });
  expect(error).toHaveProperty("pythonStack", expect.stringContaining("in spin"));
  expect(await call(pool, "pid")).toBe(before);
  expect(pool.status().workerCounts).toMatchObject({ started: 1, killed: 0 });
});

test("a call beyond its deadline times out whatever its worker answers meanwhile, and is counted once", async () => {
  const told: (readonly [string, string | undefined])[] = [];
  const leave = subscribe(
    ({ name, event }) => told.push([name, (event as { code?: string }).code]),
    ["callStop", "callError"],
  );
  const pool = await opened();
  for (let n = 0; n < 8; n += 1) {
    // The signal that makes a worker tell what it does cuts the sleep short, so that the call is answered before the caller is told.
    for (const [name, args] of [
      ["spin", []],
      ["hold_for", [10]],
    ] as const) {
      const error = await rejection(call(pool, name, args, { timeoutMs: 30 }));
      expect(error).toMatchObject({ code: "CALL_TIMEOUT", call: name });
      expect(await call(pool, "echo", [n])).toBe(n);
    }
  }
  leave();
  const round = [
    ["callError", "CALL_TIMEOUT"],
    ["callStop", undefined],
  ];
  expect(told).toEqual(Array.from({ length: 16 }, () => round).flat());
  expect(pool.status().calls).toMatchObject({
    submitted: 32,
    resolved: 16,
    rejected: 16,
    timedOut: 16,
  });
  expect(pool.status()).toMatchObject({ open: 0, workerCounts: { started: 1 } });
});

test("a call that was answered after its deadline is not over before its caller is told", async () => {
  const pool = await opened();
  const order: string[] = [];
  const session = pool.openSession();
  const late = rejection(call(pool, "hold_for", [10], { timeoutMs: 30, session }));
  const told = late.then(() => order.push("told"));
  await Promise.all([told, session.close().then(() => order.push("closed"))]);
  expect(order).toEqual(["told", "closed"]);
  expect(await late).toMatchObject({ code: "CALL_TIMEOUT" });
});

test("a call beyond its deadline times out when its worker is killed before it can say what it does", async () => {
  const pool = await opened();
  const { calls } = pool.status();
  const late = rejection(call(pool, "hold", [], { timeoutMs: 30 }));
  await until(() => pool.status().calls.timedOut > calls.timedOut);
  await pool.kill();
  expect(pool.status().calls).toMatchObject({ submitted: 1, rejected: 1, crashed: 0 });
  expect(await late).toMatchObject({ code: "CALL_TIMEOUT" });
});

test("a call that ignores its deadline is ended with its worker after the grace period", async () => {
  const mark = join(folder(), "mark");
  const pool = await opened({ graceMs: 200 });
  const before = await call(pool, "pid");
  const error = await rejection(call(pool, "spin_stubbornly", [mark], { timeoutMs: 1_000 }));
  expect(error).toMatchObject({ code: "CALL_TIMEOUT" });
  expect(await call(pool, "pid")).not.toBe(before);
  expect(pool.status().workerCounts).toMatchObject({ killed: 1, crashed: 0 });
  expect(pool.status().breakers[0]?.crashes).toBe(0);
});

test("a call that holds the interpreter in C is rejected at its deadline, and its worker is replaced", async () => {
  const pool = await opened({ graceMs: 100 });
  await call(pool, "echo", [1]);
  const { error, asked } = await stackOf(() => call(pool, "hold", [], { timeoutMs: 1_000 }));
  expect(error).toMatchObject({ code: "CALL_TIMEOUT" });
  // Python itself cannot say what it does; a signal makes it.
  expect(error).toHaveProperty("pythonStack", expect.stringMatching(/work\.py.*in hold$/m));
  expect(await call(pool, "echo", [1])).toBe(1);
  expect(pool.status().workerCounts.killed).toBe(asked);
});

test("a call to a stopped process is rejected at its deadline, and its worker is replaced", async () => {
  const pool = await opened({ graceMs: 100 });
  const error = await rejection(call(pool, "stop_itself", [], { timeoutMs: 100 }));
  expect(error).toMatchObject({ code: "CALL_TIMEOUT" });
  expect(await call(pool, "echo", [1])).toBe(1);
});

test("a call whose deadline comes while it waits for a worker says so, and is never begun", async () => {
  const path = join(folder(), "file");
  const pool = await opened();
  const long = call(pool, "wait_for", [path]);
  const error = await rejection(call(pool, "append", [path, "x"], { timeoutMs: 50 }));
  expect(error).toMatchObject({ code: "QUEUE_TIMEOUT", pool: "default" });
  expect(existsSync(path)).toBe(false);
  await call(pool, "echo", [1], { timeoutMs: 20 }).catch(() => undefined);
  expect(pool.status()).toMatchObject({ waiting: 0, calls: { timedOut: 2 } });
  long.catch(() => undefined);
});

test("a worker is not ended for a call that it had not begun with when its deadline came", async () => {
  const dir = folder();
  const pool = await opened({ graceMs: 50, shortMs: 10_000 });
  for (let n = 0; n < 10; n += 1) await call(pool, "work:write_or_wait", [join(dir, "x"), ""]);
  const long = call(pool, "work:write_or_wait", [join(dir, "begun"), join(dir, "go")]);
  const late = rejection(
    call(pool, "work:write_or_wait", [join(dir, "never"), ""], { timeoutMs: 100 }),
  );
  expect(pool.status().waiting).toBe(0);
  expect(await late).toMatchObject({ code: "QUEUE_TIMEOUT" });
  await rejection(call(pool, "echo", [1], { timeoutMs: 150 }));
  writeFileSync(join(dir, "go"), "");
  expect(await long).toBe(join(dir, "begun"));
  expect(existsSync(join(dir, "never"))).toBe(false);
  expect(pool.status().workerCounts.killed).toBe(0);
});

test("an aborted call is rejected at once with the reason as the cause, waiting or running", async () => {
  const pool = await opened();
  const controller = new AbortController();
  const running = rejection(call(pool, "spin", [], { signal: controller.signal }));
  const waiting = rejection(call(pool, "echo", [1], { signal: controller.signal }));
  const reason = new Error("changed my mind");
  controller.abort(reason);
  for (const error of await Promise.all([running, waiting])) {
    expect(error).toMatchObject({
      code: "CALL_CANCELLED",
      reason: "changed my mind",
      cause: reason,
    });
  }
  expect(await call(pool, "echo", [2])).toBe(2);
  expect(await rejection(call(pool, "echo", [3], { signal: controller.signal }))).toMatchObject({
    code: "CALL_CANCELLED",
  });
  expect(pool.status().calls).toMatchObject({ cancelled: 3, rejected: 3, resolved: 1 });
});

test("a signal that outlives its calls keeps no listener of them", async () => {
  const pool = await opened();
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 20 }, () => call(pool, "echo", [1], { signal })));
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("the heartbeat tells a stopped process from one whose interpreter is held", async () => {
  const pool = await opened({ workers: 2, minWorkers: 2, heartbeatMs: 50 });
  const told = new Set<string>();
  const leave = subscribe(
    ({ event }) => told.add((event as { status: string }).status),
    ["workerHealth"],
  );
  const { signal, abort } = abortable();
  const held = rejection(call(pool, "hold", [], { signal }));
  const stopped = call(pool, "stop_itself", [], { signal });
  const having = (health: string) =>
    pool.status().workers.find((worker) => worker.health === health && worker.running > 0);
  await until(() => having("stuck") !== undefined && having("silent") !== undefined);
  expect(having("stuck")?.call).toBe("hold");
  expect(having("silent")?.call).toBe("stop_itself");
  process.kill(having("silent")?.pid ?? Number.NaN, "SIGCONT");
  expect(await stopped).toBeNull();
  await until(() => told.has("responsive"));
  leave();
  expect([...told].toSorted()).toEqual(["responsive", "silent", "stuck"]);
  abort();
  await held;
});

test("a worker that gives no sign of life for too long is killed", async () => {
  const pool = await opened({ heartbeatMs: 50, unresponsiveMs: 500 });
  const { error } = await stackOf(() => call(pool, "hold"));
  expect(error).toMatchObject({ code: "WORKER_KILLED", reason: "unresponsive", call: "hold" });
  expect(error).toHaveProperty("pythonStack", expect.stringMatching(/work\.py.*in hold$/m));
  expect(await call(pool, "echo", [1])).toBe(1);
});

test("an idle worker that was stopped is replaced", async () => {
  const pool = await opened({ heartbeatMs: 50 });
  const before = await call(pool, "pid");
  process.kill(Number(before), "SIGSTOP");
  await until(() => pool.status().workerCounts.killed === 1);
  expect(await call(pool, "pid")).not.toBe(before);
});

/** The error of a call with the stack of Python, which a machine that is busy does not tell in time. */
async function stackOf(ask: () => Promise<unknown>): Promise<{ error: unknown; asked: number }> {
  for (let asked = 1; ; asked += 1) {
    const error = await rejection(ask());
    if ((error as { pythonStack?: unknown }).pythonStack !== "") return { error, asked };
  }
}

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

test("a worker that broke a call off in time lives on, however long this program was busy", async () => {
  const graceMs = 300;
  const pool = await opened({ graceMs });
  const controller = new AbortController();
  const begun = new Promise<void>((resolve) => {
    const broken = call(pool, "hold_after", [resolve], { signal: controller.signal });
    broken.catch(() => undefined);
  });
  await begun;
  // Behind input in its turn, so that timers are looked at before the answer.
  await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  const echo = call(pool, "echo", [1]);
  const busyUntil = performance.now() + 4 * graceMs;
  while (performance.now() < busyUntil);
  expect(await echo).toBe(1);
  expect(pool.status().workerCounts).toMatchObject({ started: 1, killed: 0 });
});
