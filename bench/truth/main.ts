import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { installPeers } from "../call/peers.ts";
import { printResult, printTable } from "../runner/index.ts";
import type { Question, Verdict } from "./examine.ts";
import { type RivalName, RIVALS } from "./rivals.ts";

const PROGRAM = fileURLToPath(new URL("examine.js", import.meta.url));
const QUESTIONS: readonly Question[] = ["values", "fails", "prints", "writes", "dies"];
/** A rival that says nothing for so long hangs. */
const PATIENCE_MS = 30_000;

type Outcome = Verdict | "crashed" | "hung";

function ask(name: RivalName, question: Question): Readonly<Record<string, Outcome>> {
  const { stdout, status, error } = spawnSync(process.execPath, [PROGRAM, name, question], {
    encoding: "utf8",
    timeout: PATIENCE_MS,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const line = stdout.trim().split("\n").at(-1) ?? "";
  if (status === 0 && line.startsWith("{")) return JSON.parse(line) as Record<string, Verdict>;
  return { [question]: error === undefined ? "crashed" : "hung" };
}

const missing = installPeers();
const names = (Object.keys(RIVALS) as RivalName[]).filter((name) => {
  const { peer }: { readonly peer?: string } = RIVALS[name];
  const reason = peer === undefined ? undefined : missing.get(peer);
  if (reason !== undefined) console.log(`${name} is not asked: ${reason}`);
  return reason === undefined;
});

/** What our own answers are named is what a rival that said nothing did not answer. */
const asked = new Map(QUESTIONS.map((question) => [question, ask("amphis", question)]));
const rows = QUESTIONS.flatMap((question) =>
  Object.keys(asked.get(question) ?? {}).map((row) => ({ question, row })),
);
const answers = new Map(
  names.map((name) => [
    name,
    new Map(
      QUESTIONS.map((question) => [
        question,
        name === "amphis" ? (asked.get(question) ?? {}) : ask(name, question),
      ]),
    ),
  ]),
);
const outcome = (name: RivalName, { question, row }: (typeof rows)[number]): Outcome => {
  const all = answers.get(name)?.get(question) ?? {};
  return all[row] ?? all[question] ?? "crashed";
};

printTable(
  ["", ...names],
  rows.map((each) => [each.row, ...names.map((name) => outcome(name, each))]),
);
const share = (name: RivalName, wanted: Outcome): number =>
  rows.filter((each) => outcome(name, each) === wanted).length / rows.length;
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
