import { readFile, rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

import { isAlive } from "./lock.mjs";

/**
 * Waits for a tool that a killed set-up left running.
 *
 * @param {string} path
 * @param {{ onWait: (pid: number) => void, patienceMs?: number, signal?: AbortSignal }} options `patienceMs` bounds the wait,
 *   as the number may belong to another process by now. Default 60_000.
 */
export async function waitForLeftover(path, { onWait, patienceMs = 60_000, signal }) {
  const pid = Number(await readFile(path, "utf8").catch(() => "0"));
  if (pid > 0 && isAlive(pid)) {
    onWait(pid);
    const deadline = performance.now() + patienceMs;
    do {
      await delay(100, undefined, signal === undefined ? {} : { signal });
    } while (isAlive(pid) && performance.now() < deadline);
  }
  await rm(path, { force: true });
}
