import { constants } from "node:os";

import type { WorkerEvent } from "../worker/index.ts";
import { judgeDeath, type WorkerDeath } from "./death.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { PoolSettings } from "./settings.ts";

/** Those that stand for a fault of the program itself; others come from outside, and unannounced. */
const FATAL = ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL"] as const;

/** The signal that is about to end a worker, if that is what it tells. */
export function fatalSignal({ event, signal }: WorkerEvent): NodeJS.Signals | undefined {
  if (event !== "fatal") return undefined;
  return FATAL.find((name) => constants.signals[name] === signal);
}

/**
 * Waits for all that a worker said before its last words, and tells its death as these do; undefined when something of it may be missing.
 *
 * Standard error and answers were written before, in other places, so they are read in this turn of the event loop or were before.
 */
export async function foretoldDeath(
  worker: PoolWorker,
  signal: NodeJS.Signals,
  { cpuSeconds }: PoolSettings,
): Promise<WorkerDeath | undefined> {
  const { launched, conversation, killedFor } = worker;
  await turn();
  if (launched === undefined || conversation?.takeSent() !== true) return undefined;
  return judgeDeath({ exit: { signal }, killedFor, cpuSeconds, stderr: launched.stderrTail });
}

/** Lets everything happen that is due in this turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
