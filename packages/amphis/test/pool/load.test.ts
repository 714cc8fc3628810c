import { expect, test } from "vitest";

import { isAmphisError } from "@amphis/protocol";

import type { WorkerStatus } from "../../src/pool/index.ts";
import { until } from "../wait.ts";
import { call, descendants, opened } from "./opened.ts";

test("every call settles once when workers are killed at random with 2,000 calls in flight", async () => {
  const count = 2_000;
  const pool = await opened({
    workers: 4,
    minWorkers: 4,
    breaker: { crashes: 0 },
    startBackoff: { initialMs: 1 },
  });
  await until(() => pool.status().workers.every(({ state }) => state === "ready"));
  const settled = new Uint8Array(count);
  let crashed = 0;
  let killed = 0;
  const calls = Array.from({ length: count }, async (_, n) => {
    try {
      expect(await call(pool, n % 3 === 0 ? "work:echo_slowly" : "echo", [n])).toBe(n);
    } catch (error) {
      if (!isAmphisError(error, "WORKER_CRASHED")) throw error;
      expect(error.signal).toBe("SIGKILL");
      crashed += 1;
    }
    settled[n] = (settled[n] ?? 0) + 1;
    // A kill for every hundred calls, of a worker that is somewhere in the middle of its work.
    if (n % 100 === 50) {
      killed += killOne(pool.status().workers, n) ? 1 : 0;
    }
  });
  expect(pool.status().open).toBe(count);
  await Promise.all(calls);
  expect(settled.every((times) => times === 1)).toBe(true);
  expect(killed).toBeGreaterThan(5);
  expect(crashed).toBeLessThanOrEqual(killed);
  const { calls: counts } = pool.status();
  expect(counts.resolved + counts.rejected).toBe(count);
  await until(() => pool.status().workers.filter(({ state }) => state === "ready").length === 4);
  await pool.drain();
  expect(descendants()).toEqual([]);
});

/** @returns whether there was one to kill that nobody knew to be dead */
function killOne(workers: readonly WorkerStatus[], choice: number): boolean {
  const busy = workers.filter(({ state, running }) => state === "ready" && running > 0);
  const victim = busy[choice % busy.length];
  try {
    return victim?.pid !== undefined && process.kill(victim.pid, "SIGKILL");
  } catch (error) {
    expect(error).toMatchObject({ code: "ESRCH" });
    return false;
  }
}
