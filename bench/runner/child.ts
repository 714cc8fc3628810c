// The process of one case: `child.js MODULE CASE`. Warms up, then times one sample for each message from the runner.

import type { Case, Cases, Report } from "./case.ts";

const WARM_MS = 250;
const SAMPLE_MS = 30;

function report(message: Report): void {
  process.send?.(message);
}

function nsOf(work: Case, count: number): number {
  const start = process.hrtime.bigint();
  work.run(count);
  return Number(process.hrtime.bigint() - start);
}

/** Runs until the compiler is done with it, and finds how many runs make a sample. */
function warm(work: Case): number {
  const end = performance.now() + WARM_MS;
  let count = 1;
  while (performance.now() < end) {
    if (nsOf(work, count) < (SAMPLE_MS * 1e6) / 4) count *= 2;
  }
  return Math.max(1, Math.round((count * SAMPLE_MS * 1e6) / nsOf(work, count)));
}

async function main(module: string, name: string): Promise<void> {
  const { cases } = (await import(module)) as { readonly cases: Cases };
  const make = cases[name];
  if (make === undefined) throw new Error(`Cannot run case: ${module} has no case ${name}`);
  const work = await make();
  const count = warm(work);
  process.on("message", () => report({ kind: "round", nsPerRun: nsOf(work, count) / count }));
  process.on("disconnect", () => process.exit(0));
  report({ kind: "ready", bytes: work.bytes ?? null });
}

const [, , module = "", name = ""] = process.argv;
try {
  await main(module, name);
} catch (error) {
  report({
    kind: "failed",
    reason: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
}
