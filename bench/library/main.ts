import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { type AmphisConfig, openPython, type Python } from "amphis";
import { discover, writeTypes } from "amphis/library";

import { printResult, printTable } from "../runner/index.ts";

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

/** Seconds of numpy's public surface as a model, and as declarations, from nothing. */
async function surface(): Promise<{ readonly discoverS: number; readonly typesS: number }> {
  const folder = await mkdtemp(join(tmpdir(), "amphis-bench-library-"));
  try {
    const start = performance.now();
    const models = await discover(["numpy"], { cacheFolder: join(folder, "cache") });
    const discovered = performance.now();
    await writeTypes(models, { folder: join(folder, "types") });
    const written = performance.now();
    return { discoverS: (discovered - start) / 1_000, typesS: (written - discovered) / 1_000 };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function open(libraries: NonNullable<AmphisConfig["libraries"]>): Promise<Python> {
  return openPython({ workers: 1, path: HERE, config: { libraries } });
}

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
  ["call of a function", "us"],
  Object.keys(ways).map((name) => [name, us(name).toFixed(2)]),
);

const { discoverS, typesS } = await surface();
printTable(
  ["numpy, from nothing", "s"],
  [
    ["discovered", discoverS.toFixed(2)],
    ["declarations of the model", typesS.toFixed(2)],
  ],
);

printResult({
  question: "library",
  ratios: {
    typed_vs_raw: ratio("library configured", "no library configured"),
    discover_numpy_s: discoverS,
    types_numpy_s: typesS,
    cache_hit_us: us("result that is kept"),
  },
  targets: {
    typed_vs_raw: { max: 1.1 },
    discover_numpy_s: { max: 10 },
    types_numpy_s: { max: 10 },
    cache_hit_us: { max: 3 },
  },
});
