// The process of one rival: `sample.js NAME`. Prints what it measured as one line of JSON, and ends.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

import { type RivalName, RIVALS } from "./rival/index.ts";
import type { Rival } from "./rival/rival.ts";

const CALLS = 3_000;
const PIPELINED_MS = 600;
const IN_FLIGHT = 64;
const LARGE_BYTES = 100 * 1_024 * 1_024;
/** Longer than this for one array says enough, and the rest of the rounds is spared. */
const PATIENCE_MS = 3_000;
const ALL_CPUS = `0-${availableParallelism() - 1}`;

/** Where the two sides run, in the words of taskset. */
const PLACEMENTS = { SAME: ["0", "0"], CROSS: ["0", "1"], FREE: [ALL_CPUS, ALL_CPUS] } as const;
export type Placement = keyof typeof PLACEMENTS;

export interface Sample {
  readonly asyncUs: Partial<Record<Placement, number>>;
  readonly syncUs: Partial<Record<Placement, number>>;
  readonly perSecond: number;
  readonly arrayMs: number | undefined;
  readonly memcpyMs: number;
}

function pin(pid: number, cpus: string): void {
  spawnSync("taskset", ["-a", "-c", "-p", cpus, String(pid)]);
}

const median = (samples: readonly number[]): number =>
  samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN;

async function asynchronous(rival: Rival, count: number): Promise<number> {
  const samples: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const start = performance.now();
    await rival.add(at, 1);
    samples.push((performance.now() - start) * 1_000);
  }
  return median(samples);
}

function synchronous(call: NonNullable<Rival["addSync"]>, count: number): number {
  const samples: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const start = process.hrtime.bigint();
    call(at, 1);
    samples.push(Number(process.hrtime.bigint() - start) / 1_000);
  }
  return median(samples);
}

async function perSecond(rival: Rival): Promise<number> {
  const end = performance.now() + PIPELINED_MS;
  let done = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      const sum = await rival.add(done, 1);
      if (!Number.isFinite(sum)) throw new Error("Cannot measure: a wrong sum came back");
      done += 1;
    }
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, caller));
  return (1_000 * done) / (performance.now() - start);
}

/** An array of this process, and one copy of it by this process. */
async function array(rival: Rival): Promise<{ arrayMs: number | undefined; memcpyMs: number }> {
  const values = new Float64Array(LARGE_BYTES / 8).fill(1);
  const target = new Float64Array(LARGE_BYTES / 8).fill(2);
  const copies: number[] = [];
  const calls: number[] = [];
  const { first } = rival;
  for (let round = 0; round < 6; round += 1) {
    let start = performance.now();
    target.set(values);
    copies.push(performance.now() - start);
    if (first === undefined) continue;
    start = performance.now();
    await first(values);
    calls.push(performance.now() - start);
    if ((calls.at(-1) ?? 0) > PATIENCE_MS) break;
  }
  // The first of both finds cold pages.
  return {
    arrayMs: first === undefined ? undefined : median(calls.length > 1 ? calls.slice(1) : calls),
    memcpyMs: median(copies.slice(1)),
  };
}

async function sample(name: RivalName): Promise<Sample> {
  const folder = mkdtempSync(join(tmpdir(), "amphis-bench-"));
  const rival: Rival = await RIVALS[name].start(folder);
  const asyncUs: Partial<Record<Placement, number>> = {};
  const syncUs: Partial<Record<Placement, number>> = {};
  try {
    await asynchronous(rival, CALLS);
    for (const placement of Object.keys(PLACEMENTS) as Placement[]) {
      const [ours, theirs] = PLACEMENTS[placement];
      if (rival.pid === undefined && placement !== "FREE") continue;
      pin(process.pid, ours);
      if (rival.pid !== undefined) pin(rival.pid, theirs);
      asyncUs[placement] = await asynchronous(rival, CALLS);
      if (rival.addSync !== undefined) syncUs[placement] = synchronous(rival.addSync, CALLS);
    }
    return { asyncUs, syncUs, perSecond: await perSecond(rival), ...(await array(rival)) };
  } finally {
    await rival.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const [, , name = ""] = process.argv;
const measured = await sample(name as RivalName);
process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0));
