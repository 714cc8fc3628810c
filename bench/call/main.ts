import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { printResult, printTable } from "../runner/index.ts";
import { coldStart, death, speedUp, stall } from "./life.ts";
import { installPeers } from "./peers.ts";
import { peerOf, type RivalName, RIVALS } from "./rival/index.ts";
import type { Placement, Sample } from "./sample.ts";

const ROUNDS = 5;
const SAMPLE_MS = 120_000;
const PROGRAM = fileURLToPath(new URL("sample.js", import.meta.url));

const median = (samples: readonly number[]): number =>
  samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN;

/** One round of one rival, in a process of its own: no rival disturbs what the compiler learns about another. */
function sample(name: RivalName): Sample | undefined {
  const { stdout, stderr, status } = spawnSync(process.execPath, [PROGRAM, name], {
    encoding: "utf8",
    timeout: SAMPLE_MS,
  });
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (status === 0 && line.startsWith("{")) return JSON.parse(line) as Sample;
  console.log(`${name}: failed (${stderr.trim().split("\n").at(-1) ?? `exit code ${status}`})`);
  return undefined;
}

const missing = installPeers();
for (const [peer, reason] of missing) console.log(`${peer} is not measured: ${reason}`);
const names = (Object.keys(RIVALS) as RivalName[]).filter((name) => {
  const peer = peerOf(name);
  return peer === undefined || !missing.has(peer);
});

const samples = new Map<RivalName, Sample[]>(names.map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const name of names) {
    const measured = sample(name);
    if (measured !== undefined) samples.get(name)?.push(measured);
  }
}

const of = (name: RivalName, pick: (each: Sample) => number | undefined): number =>
  median((samples.get(name) ?? []).map(pick).filter((each) => each !== undefined));
const asyncUs = (name: RivalName, at: Placement): number => of(name, (each) => each.asyncUs[at]);
const syncUs = (name: RivalName, at: Placement): number => of(name, (each) => each.syncUs[at]);
const perSecond = (name: RivalName): number => of(name, (each) => each.perSecond);
const arrayMs = (name: RivalName): number => of(name, (each) => each.arrayMs);

const show = (value: number): string =>
  Number.isNaN(value) ? "-" : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
printTable(
  [
    "call of a function",
    "SAME us",
    "CROSS us",
    "FREE us",
    "sync SAME us",
    "sync FREE us",
    "k calls/s, 64 at once",
    "100 MB array ms",
  ],
  names.map((name) => [
    name,
    show(asyncUs(name, "SAME")),
    show(asyncUs(name, "CROSS")),
    show(asyncUs(name, "FREE")),
    show(syncUs(name, "SAME")),
    show(syncUs(name, "FREE")),
    show(perSecond(name) / 1_000),
    show(arrayMs(name)),
  ]),
);

const memcpyMs = of("amphis", (each) => each.memcpyMs);
const start = await coldStart(9);
const stallMs = await stall();
const { rejectMs, replaceMs } = await death(9);
const faster = await speedUp();
printTable(
  ["life of a worker", ""],
  [
    ["one copy of 100 MB", `${show(memcpyMs)} ms`],
    ["python -c pass", `${show(start.bareMs)} ms`],
    ["openPython and the first answer", `${show(start.firstMs)} ms`],
    ["longest stall of the event loop", `${show(stallMs)} ms`],
    ["segfault to rejection", `${show(rejectMs)} ms`],
    ["rejection to an answer with NumPy", `${show(replaceMs)} ms`],
    ["two workers, as one", `${show(faster)} x`],
  ],
);

const B = "MessagePack by hand";
/** How many times as long a rival takes. */
const versus = Object.fromEntries(
  names
    .filter((name) => name !== "amphis" && name !== B)
    .flatMap((name) => {
      const key = `vs_${name.toLowerCase().replaceAll(/[^a-z]+/g, "_")}`;
      return [
        [`${key}_async`, asyncUs(name, "FREE") / asyncUs("amphis", "FREE")],
        [`${key}_calls`, perSecond("amphis") / perSecond(name)],
        [`${key}_array`, arrayMs(name) / arrayMs("amphis")],
      ] as const;
    })
    .filter(([, ratio]) => Number.isFinite(ratio)),
);
printResult({
  question: "call",
  ratios: {
    async_vs_baseline: asyncUs("amphis", "FREE") / asyncUs(B, "FREE"),
    async_vs_baseline_same: asyncUs("amphis", "SAME") / asyncUs(B, "SAME"),
    calls_vs_baseline: perSecond("amphis") / perSecond(B),
    sync_hot_us: syncUs("amphis", "FREE"),
    sync_same_us: syncUs("amphis", "SAME"),
    array_100mb_vs_memcpy: arrayMs("amphis") / memcpyMs,
    vs_baseline_array: arrayMs(B) / arrayMs("amphis"),
    cold_start_vs_python: start.firstMs / (1.25 * start.bareMs + 60),
    stall_ms: stallMs,
    crash_reject_ms: rejectMs,
    replace_ms: replaceMs,
    speed_up: faster,
    ...versus,
  },
  targets: {
    async_vs_baseline: { max: 0.5 },
    async_vs_baseline_same: { max: 0.5 },
    calls_vs_baseline: { min: 1.5 },
    sync_hot_us: { max: 3 },
    sync_same_us: { max: 9 },
    array_100mb_vs_memcpy: { max: 1.2 },
    vs_baseline_array: { min: 3 },
    vs_json_over_stdio_array: { min: 3 },
    cold_start_vs_python: { max: 1 },
    stall_ms: { max: 2 },
    crash_reject_ms: { max: 1 },
    replace_ms: { max: 10 },
  },
});
