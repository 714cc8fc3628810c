import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

import { printResult, printTable } from "../runner/index.ts";
import { blockingFrames, frames } from "./rival/connection.ts";
import { jsonOverStdio, zeromq } from "./rival/others.ts";
import { asynchronous, synchronous } from "./rival/rings.ts";
import type { Rival, StartRival } from "./rival/rival.ts";
import { baseline, echo } from "./rival/sockets.ts";

const ROUNDS = 5;
const ROUND_TRIPS = 4_000;
const CALLS = 60_000;
const IN_FLIGHT = 64;
/** About what a wake-up takes here; more gains nothing. */
const SPIN_US = 50;
const ALL_CPUS = `0-${availableParallelism() - 1}`;

/** Where the two sides run, in the words of taskset. Who may use one CPU only does not spin, so HOT leaves the choice to the system. */
const PLACEMENTS = {
  SAME: ["0", "0"],
  CROSS: ["0", "1"],
  HOT: [ALL_CPUS, ALL_CPUS],
} as const;
type Placement = keyof typeof PLACEMENTS;

const RIVALS = {
  "Unix socket, bytes": echo,
  "Unix socket, MessagePack by hand": baseline,
  "stdio, JSON": jsonOverStdio,
  "zeromq, bytes": zeromq,
  "ring, async, no spinning": () => asynchronous({ spinUs: 0 }),
  "ring, async": () => asynchronous({ spinUs: SPIN_US }),
  "ring, async, only Python spins": () => asynchronous({ spinUs: 0, peerSpinUs: SPIN_US }),
  "ring, async, MessagePack": () => asynchronous({ spinUs: SPIN_US, codec: "msgpack" }),
  "ring, sync, no spinning": () => synchronous({ spinUs: 0 }),
  "ring, sync": () => synchronous({ spinUs: SPIN_US }),
  "ring, sync, after 0.3 ms of work": () => synchronous({ spinUs: SPIN_US }, 300),
  "connection, async, no spinning": (folder) => frames(folder, 0),
  "connection, async": (folder) => frames(folder, SPIN_US),
  "connection, sync, no spinning": (folder) => blockingFrames(folder, 0),
  "connection, sync": (folder) => blockingFrames(folder, SPIN_US),
} as const satisfies Record<string, StartRival>;
type RivalName = keyof typeof RIVALS;

interface Samples {
  readonly p50: Record<Placement, number[]>;
  readonly p99: Record<Placement, number[]>;
  readonly perSecond: number[];
}

function pin(pid: number, cpus: string): void {
  const { status, error } = spawnSync("taskset", ["-a", "-c", "-p", cpus, String(pid)]);
  if (status !== 0) {
    throw new Error(`Cannot put a process on a CPU: ${error?.message ?? "taskset failed"}`);
  }
}

const median = (samples: readonly number[]): number =>
  samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN;

async function measureRound(rival: Rival, samples: Samples): Promise<void> {
  for (const placement of Object.keys(PLACEMENTS) as Placement[]) {
    const [ours, theirs] = PLACEMENTS[placement];
    pin(process.pid, ours);
    pin(rival.pid, theirs);
    await rival.roundTrips(ROUND_TRIPS / 10);
    const sorted = (await rival.roundTrips(ROUND_TRIPS)).sort();
    samples.p50[placement].push((sorted[ROUND_TRIPS >> 1] ?? Number.NaN) / 1_000);
    samples.p99[placement].push((sorted[Math.floor(ROUND_TRIPS * 0.99)] ?? Number.NaN) / 1_000);
  }
  if (rival.perSecond !== undefined) {
    samples.perSecond.push(await rival.perSecond(CALLS, IN_FLIGHT));
  }
}

async function measure(): Promise<Map<RivalName, Samples>> {
  const folder = await mkdtemp(join(tmpdir(), "amphis-bench-"));
  const measured = new Map<RivalName, Samples>();
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      for (const name of Object.keys(RIVALS) as RivalName[]) {
        const start: StartRival = RIVALS[name];
        // One after the other: a rival that waits on a CPU would disturb the one that is measured.
        const rival = await start(await mkdtemp(join(folder, "r")));
        const samples = measured.get(name) ?? newSamples();
        try {
          // The first round warms up.
          await measureRound(rival, round === 0 ? newSamples() : samples);
        } finally {
          await rival.stop();
          pin(process.pid, ALL_CPUS);
        }
        measured.set(name, samples);
      }
    }
    return measured;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function newSamples(): Samples {
  return {
    p50: { SAME: [], CROSS: [], HOT: [] },
    p99: { SAME: [], CROSS: [], HOT: [] },
    perSecond: [],
  };
}

const measured = await measure();
const p50 = (name: RivalName, placement: Placement): number =>
  median(measured.get(name)?.p50[placement] ?? []);
const perSecond = (name: RivalName): number => median(measured.get(name)?.perSecond ?? []);

const show = (value: number): string =>
  Number.isNaN(value) ? "-" : value.toFixed(value < 10 ? 2 : 1);
printTable(
  [
    "us, one at a time",
    "SAME p50",
    "p99",
    "CROSS p50",
    "p99",
    "HOT p50",
    "p99",
    "k calls/s, 64 at once",
  ],
  [...measured].map(([name, samples]) => [
    name,
    ...(Object.keys(PLACEMENTS) as Placement[]).flatMap((placement) => [
      show(median(samples.p50[placement])),
      show(median(samples.p99[placement])),
    ]),
    Number.isNaN(perSecond(name)) ? "-" : (perSecond(name) / 1_000).toFixed(0),
  ]),
);

/** How much worse spinning makes it, where that is most. */
function worstOfSpinning(): number {
  const pairs: readonly (readonly [RivalName, RivalName])[] = [
    ["ring, async", "ring, async, no spinning"],
    ["ring, sync", "ring, sync, no spinning"],
    ["connection, async", "connection, async, no spinning"],
    ["connection, sync", "connection, sync, no spinning"],
  ];
  return Math.max(
    ...pairs.flatMap(([spins, sleeps]) =>
      (Object.keys(PLACEMENTS) as Placement[]).map(
        (placement) => p50(spins, placement) / p50(sleeps, placement),
      ),
    ),
  );
}

printResult({
  question: "channel",
  ratios: {
    async_vs_echo_same: p50("ring, async, no spinning", "SAME") / p50("Unix socket, bytes", "SAME"),
    async_vs_echo_cross:
      p50("ring, async, no spinning", "CROSS") / p50("Unix socket, bytes", "CROSS"),
    sync_hot_us: p50("ring, sync", "HOT"),
    sync_same_us: p50("ring, sync", "SAME"),
    spin_worst: worstOfSpinning(),
    pipelined_vs_baseline: perSecond("ring, async") / perSecond("Unix socket, MessagePack by hand"),
    connection_async_vs_echo_same:
      p50("connection, async", "SAME") / p50("Unix socket, bytes", "SAME"),
  },
  targets: {
    async_vs_echo_same: { max: 0.6 },
    async_vs_echo_cross: { max: 1.15 },
    sync_hot_us: { max: 1 },
    sync_same_us: { max: 6.5 },
    spin_worst: { max: 1.25 },
    pipelined_vs_baseline: { min: 3 },
  },
});
