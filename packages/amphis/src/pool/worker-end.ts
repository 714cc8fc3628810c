import type { Readable } from "node:stream";

import type { LaunchedWorker, ProcessExit, Unanswered } from "../worker/index.ts";
import { workerEnded } from "./call-errors.ts";
import { judgeDeath, type WorkerDeath } from "./death.ts";
import type { PoolWorker } from "./pool-worker.ts";
import type { PoolSettings } from "./settings.ts";
import { within } from "./within.ts";

/** A process whose connections ended has ended itself by then; else it is killed. */
const EXIT_MS = 250;

/** The system reaps what was killed by then. */
const REAP_MS = 5_000;

/** What was written before the death is read by then; descendants may hold the pipe open for longer. */
const STDERR_MS = 20;

/** Resolves at the first sign that the worker is over: its process, its channel or its control line ended. */
export async function firstSign({ exited, connection, control }: LaunchedWorker): Promise<void> {
  await Promise.race([exited, connection.closed, control.closed]);
}

/** What a worker left behind. */
export interface WorkerRemains {
  readonly death: WorkerDeath;
  /** In the order in which it got them. */
  readonly unanswered: readonly Unanswered[];
}

/**
 * Ends what is left of a worker that gave the first sign, takes every answer that it still sent, and judges how it died.
 *
 * Takes less than a millisecond when the process has died, and never longer than some seconds.
 */
export async function remainsOf(
  worker: PoolWorker,
  settings: PoolSettings,
): Promise<WorkerRemains> {
  const { launched, conversation } = worker;
  if (launched === undefined) return { death: judge(worker, undefined, settings), unanswered: [] };
  const { clock } = settings;
  const exit = await exitOf(launched, settings);
  const closed = await within(clock, EXIT_MS, launched.connection.closed);
  if (closed === undefined) await launched.connection.close();
  await launched.control.close();
  await within(clock, STDERR_MS, over(launched.stderr));
  const death = judge(worker, exit, settings);
  const error = workerEnded(worker, death, { pool: settings.name, call: "", isStarted: "" });
  const unanswered = conversation?.end(error) ?? [];
  return { death, unanswered };
}

/** How a process ended that is over or as good as over; it is killed if it takes its time. */
export async function exitOf(
  launched: LaunchedWorker,
  { clock }: PoolSettings,
): Promise<ProcessExit | undefined> {
  const exit = await within(clock, EXIT_MS, launched.exited);
  if (exit !== undefined) return exit;
  launched.kill();
  return within(clock, REAP_MS, launched.exited);
}

function judge(
  { launched, killedFor }: PoolWorker,
  exit: ProcessExit | undefined,
  { cpuSeconds }: PoolSettings,
): WorkerDeath {
  return judgeDeath({ exit, killedFor, cpuSeconds, stderr: launched?.stderrTail ?? "" });
}

function over(stream: Readable): Promise<true> {
  return new Promise((resolve) => {
    if (stream.readableEnded || stream.destroyed) resolve(true);
    else {
      stream.once("close", () => resolve(true));
      stream.once("end", () => resolve(true));
    }
  });
}
