import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { type AmphisConfig, openPython, type Python } from "amphis";
import { discover, writeTypes } from "amphis/library";

import { printResult, printTable } from "../runner/index.ts";
import { completion, type Completion } from "./editor.ts";

/** Many and short: what else the machine does then falls on all of them alike. */
const ROUNDS = 60;
const CALLS = 500;
const HITS = 10_000;
/** For the compiler. */
const WARM_ROUNDS = 12;
/** Sources lie beside what is compiled, in a folder of their own. */
const HERE = fileURLToPath(new URL("../../library", import.meta.url));

const median = (samples: readonly number[]): number =>
  samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN;

/** Microseconds of one call, one after the other. */
async function timeUs(calls: number, call: () => PromiseLike<unknown>): Promise<number> {
  const start = performance.now();
  for (let n = 0; n < calls; n += 1) await call();
  return ((performance.now() - start) * 1_000) / calls;
}

interface Surface {
  readonly discoverS: number;
  /** Again, as it was kept. */
  readonly warmMs: number;
  readonly typesS: number;
  readonly editor: Completion;
}

/** How long numpy's public surface takes as a model, as declarations, and in an editor, from nothing. */
async function surface(): Promise<Surface> {
  const folder = await mkdtemp(join(tmpdir(), "amphis-bench-library-"));
  try {
    const cacheFolder = join(folder, "cache");
    const start = performance.now();
    await discover(["numpy"], { cacheFolder });
    const discovered = performance.now();
    const models = await discover(["numpy"], { cacheFolder });
    const again = performance.now();
    await writeTypes(models, { folder: join(folder, "python-types") });
    const written = performance.now();
    return {
      discoverS: (discovered - start) / 1_000,
      warmMs: again - discovered,
      typesS: (written - again) / 1_000,
      editor: await completion(folder),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Where this process and all that it starts may run. */
function stayOn(cpus: string): void {
  const { status } = spawnSync("taskset", ["-a", "-c", "-p", cpus, String(process.pid)]);
  if (status !== 0) {
    console.log("taskset is not there: both sides run where the system places them");
  }
}

function open(libraries: NonNullable<AmphisConfig["libraries"]>): Promise<Python> {
  return openPython({ workers: 1, path: HERE, config: { libraries } });
}

// On two, a call waits for whichever side has just fallen asleep, and that differs more than what is asked for here.
const allCpus = `0-${availableParallelism() - 1}`;
stayOn("0");
await using raw = await open({});
await using library = await open({ work: {} });
await using limited = await open({ work: { concurrency: 8, rateLimit: { calls: 1e9 } } });
await using pure = await open({ work: { pure: { add: true } } });

const ways: Readonly<Record<string, { readonly py: Python; readonly calls: number }>> = {
  "no library configured": { py: raw, calls: CALLS },
  "library configured": { py: library, calls: CALLS },
  "with turns and a rate": { py: limited, calls: CALLS },
  "result that is kept": { py: pure, calls: HITS },
};
const samples = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
for (let round = 0; round < WARM_ROUNDS + ROUNDS; round += 1) {
  for (const [name, { py, calls }] of Object.entries(ways)) {
    const us = await timeUs(calls, () => py.call("work:add", [1, 2]));
    if (round >= WARM_ROUNDS) samples.get(name)?.push(us);
  }
}
const us = (name: string): number => median(samples.get(name) ?? []);
/** Of each round, as rounds differ more than ways do. */
function ratio(one: string, other: string): number {
  const others = samples.get(other) ?? [];
  return median((samples.get(one) ?? []).map((each, round) => each / (others[round] ?? 0)));
}
printTable(
  ["call of a function, both sides on one CPU", "us"],
  Object.keys(ways).map((name) => [name, us(name).toFixed(2)]),
);

stayOn(allCpus);
const { discoverS, warmMs, typesS, editor } = await surface();
printTable(
  ["numpy, from nothing", ""],
  [
    ["discovered", `${discoverS.toFixed(2)} s`],
    ["discovered again", `${warmMs.toFixed(0)} ms`],
    ["declarations of the model", `${typesS.toFixed(2)} s`],
    [`first completion of np. (${editor.names} names)`, `${editor.firstMs.toFixed(0)} ms`],
    ["completion after a change", `${editor.ms.toFixed(0)} ms`],
  ],
);

printResult({
  question: "library",
  ratios: {
    typed_vs_raw: ratio("library configured", "no library configured"),
    discover_numpy_s: discoverS,
    discover_again_ms: warmMs,
    types_numpy_s: typesS,
    completion_ms: editor.ms,
    cache_hit_us: us("result that is kept"),
  },
  targets: {
    typed_vs_raw: { max: 1.1 },
    discover_numpy_s: { max: 10 },
    discover_again_ms: { max: 100 },
    types_numpy_s: { max: 10 },
    completion_ms: { max: 500 },
    cache_hit_us: { max: 3 },
  },
});
