import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

import { printResult, printTable } from "../runner/index.ts";
import type { Moment, Moments } from "./moments.ts";

const ROUNDS = 25;
const PROGRAM_MS = 60_000;
const PROJECT = fileURLToPath(new URL("../../load/project/", import.meta.url));

interface Candidate {
  readonly program: string;
  /** Where a configuration is looked for. */
  readonly cwd: string;
}

const CANDIDATES = {
  nothing: { program: "nothing", cwd: tmpdir() },
  "by hand": { program: "by-hand", cwd: tmpdir() },
  amphis: { program: "amphis", cwd: tmpdir() },
  "amphis, a library configured": { program: "amphis", cwd: PROJECT },
} as const satisfies Record<string, Candidate>;
type Name = keyof typeof CANDIDATES;

const median = (samples: readonly number[]): number =>
  samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN;

/** Runs a program to its end. @returns its last line */
function run<T>({ program, cwd }: Candidate): T {
  const file = fileURLToPath(new URL(`program/${program}.js`, import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [file], {
    cwd,
    encoding: "utf8",
    timeout: PROGRAM_MS,
  });
  if (status !== 0) throw new Error(`Cannot measure ${program}: ${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as T;
}

const names = Object.keys(CANDIDATES) as Name[];
const samples = new Map<Name, Moments[]>(names.map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const name of names) samples.get(name)?.push(run<Moments>(CANDIDATES[name]));
}

const of = (name: Name, pick: (moments: Moments) => number): number =>
  median((samples.get(name) ?? []).map(pick));
const at = (name: Name, what: keyof Moments, unit: keyof Moment): number =>
  of(name, (moments) => moments[what][unit]);

const show = (value: number): string => value.toFixed(1);
printTable(
  ["from the start of the process", "imported ms", "opened ms", "answered ms", "computed ms"],
  names.map((name) => [
    name,
    show(at(name, "loaded", "atMs")),
    name === "nothing" ? "-" : show(at(name, "opened", "atMs")),
    name === "nothing" ? "-" : show(at(name, "answered", "atMs")),
    show(at(name, "answered", "cpuMs")),
  ]),
);

const { files, bytes } = run<{ files: number; bytes: number }>({
  program: "count",
  cwd: tmpdir(),
});
console.log(`amphis loads ${files} files of ${Math.round(bytes / 1_024)} KiB together`);

const nodeMs = at("nothing", "loaded", "atMs");
const answeredMs = at("amphis", "answered", "atMs");
printResult({
  question: "load",
  ratios: {
    import_ms: at("amphis", "loaded", "atMs") - nodeMs,
    import_vs_node: (at("amphis", "loaded", "atMs") - nodeMs) / nodeMs,
    start_to_answer_ms: answeredMs,
    start_to_answer_vs_by_hand: answeredMs / at("by hand", "answered", "atMs"),
    configured_ms: at("amphis, a library configured", "answered", "atMs") - answeredMs,
    files,
  },
  targets: {
    import_vs_node: { max: 1 },
    start_to_answer_vs_by_hand: { max: 2 },
    files: { max: 40 },
  },
});
