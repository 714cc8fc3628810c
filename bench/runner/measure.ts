import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import type { Cases, Report } from "./case.ts";

export interface Measured {
  /** Median over the rounds. */
  readonly ns: number;
  readonly bytes: number | undefined;
}

interface MeasureOptions {
  /** URL of the module that exports `cases`: what `import.meta.resolve` gives. */
  readonly module: string;
  /** @default 15 */
  readonly rounds?: number;
}

const CHILD = fileURLToPath(new URL("child.js", import.meta.url));

/**
 * Times every case of a module: each in a process of its own, one sample of each in turn, round after round, so that a slow moment of
 * the machine meets them all.
 */
export async function measure<C extends Cases>(
  options: MeasureOptions,
): Promise<Readonly<Record<keyof C & string, Measured>>> {
  const { module, rounds = 15 } = options;
  const { cases } = (await import(module)) as { readonly cases: C };
  const running: Running[] = [];
  try {
    for (const name of Object.keys(cases)) running.push(await start(module, name));
    for (let round = 0; round < rounds; round += 1) {
      for (const each of running) each.samples.push(await sample(each));
    }
  } finally {
    for (const { child } of running) child.disconnect();
  }
  const measured = running.map(
    ({ name, samples, bytes }) => [name, { ns: median(samples), bytes }] as const,
  );
  return Object.fromEntries(measured) as Record<keyof C & string, Measured>;
}

interface Running {
  readonly name: string;
  readonly child: ChildProcess;
  readonly bytes: number | undefined;
  readonly samples: number[];
}

async function start(module: string, name: string): Promise<Running> {
  const child = fork(CHILD, [module, name], { stdio: "inherit", execArgv: ["--expose-gc"] });
  const report = await next(child, name);
  if (report.kind !== "ready") {
    throw new Error(`Cannot run case ${name}: it answered before it was ready`);
  }
  return { name, child, bytes: report.bytes ?? undefined, samples: [] };
}

async function sample({ child, name }: Running): Promise<number> {
  const answer = next(child, name);
  child.send("go");
  const report = await answer;
  if (report.kind !== "round") {
    throw new Error(`Cannot run case ${name}: it did not answer with a sample`);
  }
  return report.nsPerRun;
}

async function next(child: ChildProcess, name: string): Promise<Report> {
  const ended = new AbortController();
  const [report] = (await Promise.race([
    once(child, "message", { signal: ended.signal }),
    once(child, "exit", { signal: ended.signal }).then(([code]) => [
      { kind: "failed", reason: `exit code ${String(code)}` },
    ]),
  ]).finally(() => ended.abort())) as [Report];
  if (report.kind === "failed") throw new Error(`Cannot run case ${name}: ${report.reason}`);
  return report;
}

function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
