import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { SharedMemory, Tensor } from "amphis/memory";

import { printResult, printTable } from "../runner/index.ts";
import { Amphis, inPlace, inPlaceSeen, ordinary } from "./way/amphis.ts";
import { newFiles, segments } from "./way/files.ts";
import { messagePack, rawBytes } from "./way/sockets.ts";
import { bytesOf, type Way } from "./way/way.ts";

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const SIZES = [KIB, MIB, 100 * MIB, 1024 * MIB] as const;
/** Fewer of what takes longer; what is not copied takes no longer. */
const REPEATS: Readonly<Record<number, number>> = {
  [KIB]: 300,
  [MIB]: 100,
  [100 * MIB]: 5,
  [1024 * MIB]: 2,
};
const ROUNDS = 3;

interface Measured {
  start(folder: string): Promise<Way>;
  readonly largest: number;
  /** @default REPEATS */
  readonly repeats?: number;
}

const WAYS: Readonly<Record<string, Measured>> = {
  "amphis, array in shared memory": { start: inPlace, largest: 1024 * MIB, repeats: 300 },
  "amphis, the same, seen by Node": { start: inPlaceSeen, largest: 1024 * MIB },
  "amphis, ordinary array": { start: ordinary, largest: 1024 * MIB },
  "Unix socket, bytes": { start: rawBytes, largest: 1024 * MIB },
  "Unix socket, MessagePack by hand": { start: messagePack, largest: 100 * MIB },
  "file in /dev/shm and np.memmap": { start: newFiles, largest: 1024 * MIB },
  "multiprocessing.shared_memory": { start: segments, largest: 1024 * MIB },
};

type Direction = "toPython" | "fromPython";

const median = (samples: readonly number[]): number =>
  samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN;

const targets = new Map<number, Uint8Array>();

/** Microseconds of one copy in this process, both sides with pages behind them. */
function copyUs(bytes: number): number {
  const source = bytesOf(bytes);
  const target = targets.get(bytes) ?? new Uint8Array(bytes).fill(2);
  targets.set(bytes, target);
  const start = performance.now();
  target.set(source);
  return (performance.now() - start) * 1_000;
}

async function timeUs(act: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await act();
  return (performance.now() - start) * 1_000;
}

const samples = new Map<string, number[]>();
const keep = (name: string, us: number): void => {
  const known = samples.get(name) ?? [];
  known.push(us);
  samples.set(name, known);
};
const us = (way: string, direction: Direction | "copy", bytes: number): number =>
  median(samples.get(`${way} ${direction} ${bytes}`) ?? []);

async function measureWay(name: string, way: Way, { largest, repeats }: Measured): Promise<void> {
  for (const bytes of SIZES.filter((size) => size <= largest)) {
    for (const direction of ["toPython", "fromPython"] as const) {
      // The first touch of memory is not what is asked.
      await way[direction](bytes);
      for (let repeat = 0; repeat < (repeats ?? REPEATS[bytes] ?? 1); repeat += 1) {
        keep(`${name} ${direction} ${bytes}`, await timeUs(() => way[direction](bytes)));
        if (bytes >= 100 * MIB && repeats === undefined) {
          keep(`memcpy copy ${bytes}`, copyUs(bytes));
        }
      }
    }
  }
}

/** What this process has resident more after an array of 100 MiB came back, in MiB. */
async function residentAfterReturn(folder: string): Promise<number> {
  const amphis = await Amphis.open(folder);
  await amphis.call("shared", KIB);
  const before = process.memoryUsage.rss();
  const array = await amphis.call("shared", 100 * MIB);
  const after = process.memoryUsage.rss();
  if (!(array instanceof Tensor) || array.size !== (100 * MIB) / 8) throw new Error("Cannot go on");
  array.release();
  await amphis.stop();
  return (after - before) / MIB;
}

interface Allocating {
  readonly ns: number;
  /** Page faults of a thousand, once all sizes were used before. */
  readonly faults: number;
}

/** Allocates, touches and releases in turn: what a steady program does. */
async function measureAllocating(): Promise<Allocating> {
  using memory = await SharedMemory.open();
  const { arena } = memory;
  const sizes = [64, 4 * KIB, 64 * KIB, MIB];
  const times: number[] = [];
  const turn = (count: number): void => {
    for (let at = 0; at < count; at += 1) arena.allocate(sizes[at % sizes.length] ?? 64).release();
  };
  turn(20_000);
  for (const bytes of sizes) {
    using lease = arena.allocate(bytes);
    lease.bytes.fill(1);
  }
  const before = process.resourceUsage().minorPageFault;
  for (let round = 0; round < 15; round += 1) {
    const start = process.hrtime.bigint();
    turn(10_000);
    times.push(Number(process.hrtime.bigint() - start) / 10_000);
  }
  const faults = (process.resourceUsage().minorPageFault - before) / 150;
  return { ns: median(times), faults };
}

const allocating = await measureAllocating();
const folder = await mkdtemp(join(tmpdir(), "amphis-bench-"));
let residentMib = Number.NaN;
try {
  residentMib = await residentAfterReturn(folder);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, measured] of Object.entries(WAYS)) {
      const way = await measured.start(await mkdtemp(join(folder, "w")));
      try {
        await measureWay(name, way, measured);
      } finally {
        await way.stop();
      }
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

const show = (time: number): string => {
  if (Number.isNaN(time)) return "-";
  if (time < 1_000) return `${time.toFixed(0)} us`;
  return `${(time / 1_000).toFixed(time < 10_000 ? 1 : 0)} ms`;
};
printTable(
  [
    "hand-over",
    "1 KiB in",
    "1 MiB in",
    "100 MiB in",
    "1 GiB in",
    "1 KiB out",
    "1 MiB out",
    "100 MiB out",
    "1 GiB out",
  ],
  Object.keys(WAYS).map((name) => [
    name,
    ...(["toPython", "fromPython"] as const).flatMap((direction) =>
      SIZES.map((bytes) => show(us(name, direction, bytes))),
    ),
  ]),
);
const copy = us("memcpy", "copy", 100 * MIB);
process.stdout.write(
  `\none memcpy of 100 MiB: ${show(copy)}, of 1 GiB: ${show(us("memcpy", "copy", 1024 * MIB))}; resident after 100 MiB came back: ${residentMib.toFixed(1)} MiB; allocate and release: ${allocating.ns.toFixed(0)} ns, ${allocating.faults.toFixed(2)} page faults in a thousand\n`,
);

const SHARED = "amphis, array in shared memory";
const ORDINARY = "amphis, ordinary array";
const flat = (direction: Direction): number =>
  us(SHARED, direction, 1024 * MIB) / us(SHARED, direction, KIB);
printResult({
  question: "memory",
  ratios: {
    shared_1gb_vs_1kb: Math.max(flat("toPython"), flat("fromPython")),
    ordinary_100mb_vs_memcpy: us(ORDINARY, "toPython", 100 * MIB) / copy,
    ordinary_100mb_back_vs_memcpy: us(ORDINARY, "fromPython", 100 * MIB) / copy,
    return_100mb_rss_mib: residentMib,
    allocate_ns: allocating.ns,
    socket_vs_ordinary_100mb:
      us("Unix socket, bytes", "toPython", 100 * MIB) / us(ORDINARY, "toPython", 100 * MIB),
  },
  targets: {
    shared_1gb_vs_1kb: { max: 1.3 },
    ordinary_100mb_vs_memcpy: { max: 1.2 },
    ordinary_100mb_back_vs_memcpy: { max: 1.2 },
    return_100mb_rss_mib: { max: 2 },
    allocate_ns: { max: 300 },
  },
});
