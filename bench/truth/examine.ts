// The process of one rival: `examine.js NAME FIRST`. Answers the questions from that one on, each with one line, and ends. What kills or
// hangs this process is seen from outside.

import { QUESTIONS } from "./questions.ts";
import { type Rival, type RivalName, RIVALS } from "./rivals.ts";

/** `wrong`: something else came, and nobody said so. `refused`: an error. */
export type Verdict = "right" | "wrong" | "refused";

/** What a line of a verdict begins with, as rivals may print too. */
export const MARK = "verdict ";

async function judged(rival: Rival, ask: (rival: Rival) => Promise<boolean>): Promise<Verdict> {
  try {
    return (await ask(rival)) ? "right" : "wrong";
  } catch {
    return "refused";
  }
}

function say(line: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(`\n${line}\n`, () => resolve());
  });
}

async function examine(name: RivalName, first: number): Promise<void> {
  const rival: Rival = await RIVALS[name].start();
  for (const { ask } of QUESTIONS.slice(first)) await say(`${MARK}${await judged(rival, ask)}`);
  await rival.stop();
}

const [, , name, first] = process.argv;
if (name !== undefined) {
  await examine(name as RivalName, Number(first));
  process.exit(0);
}
