import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";

import { openPython } from "amphis";

import { WORK_FOLDER } from "./rival/amphis.ts";

const median = (samples: readonly number[]): number =>
  samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN;

const SPARE_MS = 400;

const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Milliseconds from nothing to the first answer, and what an interpreter that does nothing takes. */
export interface ColdStart {
  readonly firstMs: number;
  readonly bareMs: number;
}

export async function coldStart(rounds: number): Promise<ColdStart> {
  const python = process.env["AMPHIS_PYTHON"] ?? "python3";
  const bare: number[] = [];
  const first: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    let start = performance.now();
    spawnSync(python, ["-c", "pass"]);
    bare.push(performance.now() - start);
    start = performance.now();
    const py = await openPython({ workers: 1 });
    await py.call("math:sqrt", [2]);
    first.push(performance.now() - start);
    await py.close();
  }
  return { firstMs: median(first), bareMs: median(bare) };
}

/** How long the event loop stood still while Python worked, in milliseconds. */
export async function stall(): Promise<number> {
  await using py = await openPython({ workers: 1, path: [WORK_FOLDER] });
  const array = new Float64Array(1e6);
  await py.call("work:first", [array]);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (let round = 0; round < 5; round += 1) {
    await py.call("work:compute", [0.3]);
    for (let call = 0; call < 200; call += 1) await py.call("work:add", [1, 2]);
    await py.call("work:first", [array]);
  }
  delay.disable();
  // The histogram counts its own resolution.
  return delay.max / 1e6 - 1;
}

export interface Death {
  /** From the fault to the rejection of the call. */
  readonly rejectMs: number;
  /** From the rejection to the first answer of a worker that has NumPy. */
  readonly replaceMs: number;
}

export async function death(rounds: number): Promise<Death> {
  const folder = mkdtempSync(join(tmpdir(), "amphis-bench-"));
  const note = join(folder, "moment");
  const reject: number[] = [];
  const replace: number[] = [];
  const options = { workers: 1, path: [WORK_FOLDER], packages: ["numpy"], onLog: ignore };
  await using py = await openPython({ ...options, breaker: { crashes: rounds + 1 } });
  try {
    for (let round = 0; round < rounds; round += 1) {
      await py.call("numpy:arange", [3]);
      // As a program that does not die several times a second: another spare is there by then.
      await setTimeout(SPARE_MS);
      await py.call("work:die", [note]).catch(() => undefined);
      const rejected = monotonicMs();
      await py.call("numpy:arange", [3]);
      replace.push(monotonicMs() - rejected);
      reject.push(rejected - Number(readFileSync(note, "utf8")) / 1e6);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { rejectMs: median(reject), replaceMs: median(replace) };
}

/** How many times as fast two workers are as one, in work that needs a core each. */
export async function speedUp(): Promise<number> {
  const workers = Math.min(2, availableParallelism());
  await using py = await openPython({ workers, minWorkers: workers, path: [WORK_FOLDER] });
  const work = (): Promise<unknown> => py.call("work:count_to", [8_000_000]);
  await Promise.all([work(), work()]);
  const start = performance.now();
  await work();
  const one = performance.now() - start;
  const both = performance.now();
  await Promise.all([work(), work()]);
  return (2 * one) / (performance.now() - both);
}

/** What dying workers say is not the question here. */
function ignore(): void {}
