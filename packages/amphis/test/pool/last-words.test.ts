import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { isRunning } from "../processes.ts";
import { rejection, until } from "../wait.ts";
import { call, folder, opened } from "./opened.ts";

const { SIGSEGV } = constants.signals;

test("the caller hears of a fatal signal while the process is still there", async () => {
  const path = join(folder(), "pid");
  const pool = await opened();
  const error = await rejection(call(pool, "foretell_end", [path, SIGSEGV]));
  expect(isRunning(Number(readFileSync(path, "utf8")))).toBe(true);
  expect(error).toMatchObject({
    code: "WORKER_CRASHED",
    death: "segfault",
    signal: "SIGSEGV",
    call: "foretell_end",
    isStarted: "yes",
  });
  expect(pool.status()).toMatchObject({
    calls: { crashed: 1, rejected: 1 },
    workerCounts: { crashed: 1 },
    crashes: [{ kind: "segfault", call: "foretell_end" }],
  });
});

test("a worker that only says so is ended all the same, and the history tells how", async () => {
  const path = join(folder(), "pid");
  const pool = await opened();
  await rejection(call(pool, "foretell_end", [path, SIGSEGV]));
  const worker = Number(readFileSync(path, "utf8"));
  await until(() => !isRunning(worker));
  expect(await call(pool, "echo", [1])).toBe(1);
  await until(() => pool.status().crashes[0]?.kind === "killed");
  expect(pool.status().workerCounts.crashed).toBe(1);
  expect(pool.status().workers).toHaveLength(1);
});

test("calls behind it move when the worker has ended, and not before", async () => {
  const path = join(folder(), "pid");
  const pool = await opened({ shortMs: 10_000 });
  // The functions are known to be short, and so calls are sent behind them.
  for (let n = 0; n < 10; n += 1) {
    await call(pool, "foretell_end", [path, 0]);
    await call(pool, "is_running", [path]);
  }
  const crash = rejection(call(pool, "foretell_end", [path, SIGSEGV]));
  const behind = Array.from({ length: 4 }, () => call(pool, "is_running", [path]));
  expect(pool.status().waiting).toBe(0);
  expect(await crash).toMatchObject({ code: "WORKER_CRASHED" });
  expect(await Promise.all(behind)).toEqual([false, false, false, false]);
  expect(pool.status().calls).toMatchObject({ moved: 4, resolved: 24, rejected: 1 });
});

test("an idempotent call is made again when the worker that said so has ended", async () => {
  const path = join(folder(), "pid");
  const pool = await opened({ retry: { attempts: 2, backoff: { initialMs: 1 } } });
  const error = await rejection(call(pool, "foretell_end", [path, SIGSEGV], { idempotent: true }));
  expect(error).toMatchObject({ code: "WORKER_CRASHED" });
  expect(pool.status().calls).toMatchObject({ retried: 1, crashed: 2, rejected: 1 });
});

test("a signal that stands for no fault foretells nothing", async () => {
  const path = join(folder(), "pid");
  const pool = await opened({ graceMs: 100 });
  const error = await rejection(
    call(pool, "foretell_end", [path, constants.signals.SIGTERM], { timeoutMs: 200 }),
  );
  expect(error).toMatchObject({ code: "CALL_TIMEOUT" });
});
