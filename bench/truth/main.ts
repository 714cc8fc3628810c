import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { installPeers } from "../call/peers.ts";
import { printResult, printTable } from "../runner/index.ts";
import { MARK, type Verdict } from "./examine.ts";
import { QUESTIONS } from "./questions.ts";
import { peerOf, type RivalName, RIVALS } from "./rivals.ts";

const PROGRAM = fileURLToPath(new URL("examine.js", import.meta.url));
/** A rival that says nothing for so long hangs. */
const PATIENCE_MS = 10_000;

type Outcome = Verdict | "crashed" | "hung";

/** Answers from one question on, until the last or one that the process does not survive. */
async function askFrom(name: RivalName, first: number): Promise<Outcome[]> {
  const child = spawn(process.execPath, [PROGRAM, name, String(first)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const outcomes: Outcome[] = [];
  let isHung = false;
  const watch = setTimeout(() => {
    isHung = true;
    child.kill("SIGKILL");
  }, PATIENCE_MS);
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (!line.startsWith(MARK)) return;
    watch.refresh();
    outcomes.push(line.slice(MARK.length) as Verdict);
  });
  await once(child, "close");
  clearTimeout(watch);
  if (first + outcomes.length < QUESTIONS.length) outcomes.push(isHung ? "hung" : "crashed");
  return outcomes;
}

async function ask(name: RivalName): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  while (outcomes.length < QUESTIONS.length) {
    outcomes.push(...(await askFrom(name, outcomes.length)));
  }
  return outcomes;
}

const missing = installPeers();
const names = (Object.keys(RIVALS) as RivalName[]).filter((name) => {
  const peer = peerOf(name);
  const reason = peer === undefined ? undefined : missing.get(peer);
  if (reason !== undefined) console.log(`${name} is not asked: ${reason}`);
  return reason === undefined;
});

const answers = new Map<RivalName, readonly Outcome[]>();
for (const name of names) answers.set(name, await ask(name));
printTable(
  ["", ...names],
  QUESTIONS.map((question, row) => [
    question.name,
    ...names.map((name) => answers.get(name)?.[row] ?? ""),
  ]),
);
const share = (name: RivalName, wanted: Outcome): number =>
  (answers.get(name) ?? []).filter((each) => each === wanted).length / QUESTIONS.length;
printResult({
  question: "truth",
  ratios: Object.fromEntries(
    names.flatMap((name) => [
      [`${name} right`, share(name, "right")],
      [`${name} wrong and silent`, share(name, "wrong")],
    ]),
  ),
  targets: { "amphis right": { min: 1 }, "amphis wrong and silent": { max: 0 } },
});
