// The process of one rival: `examine.js NAME QUESTION`. Prints its verdict as one line of JSON. What takes too long is ended from outside.

import { isDeepStrictEqual } from "node:util";

import { type Case, CASES } from "./cases.ts";
import { type Rival, type RivalName, RIVALS } from "./rivals.ts";

/** `wrong`: something else came, and nobody said so. `refused`: an error. */
export type Verdict = "right" | "wrong" | "refused";

export type Question = "values" | "fails" | "prints" | "writes" | "dies";

type Answers = Readonly<Record<string, Verdict>>;

async function judged(act: () => Promise<boolean>): Promise<Verdict> {
  try {
    return (await act()) ? "right" : "wrong";
  } catch {
    return "refused";
  }
}

async function values(rival: Rival): Promise<Answers> {
  const verdicts: Record<string, Verdict> = {};
  for (const each of CASES) {
    if (each.only !== "gives") verdicts[`${each.name} to Python`] = await judged(() => sees(rival, each));
    if (each.only !== "sees") verdicts[`${each.name} from Python`] = await judged(() => gives(rival, each));
  }
  return verdicts;
}

async function sees(rival: Rival, { value, python }: Case): Promise<boolean> {
  return (await rival.call("sees", [value, python])) === true;
}

async function gives(rival: Rival, { value, back = value, python }: Case): Promise<boolean> {
  return isDeepStrictEqual(await rival.call("gives", [python]), back);
}

/** Type, message, cause and where it was raised: all of it somewhere on the error. */
async function fails(rival: Rival): Promise<boolean> {
  try {
    await rival.call("fails", []);
    return false;
  } catch (error) {
    const { stack = "", cause, context, message } = error as Error & { readonly context?: object };
    const text = `${stack} ${message} ${JSON.stringify(context)} ${String(cause)} ${JSON.stringify(cause)}`;
    return ["ValueError", "not this", "truth.py", "KeyError"].every((part) => text.includes(part));
  }
}

async function harmless(rival: Rival, name: string, answer: string): Promise<boolean> {
  const first = await rival.call(name, []);
  return first === answer && (await rival.call("gives", ["41 + 1"])) === 42;
}

/** The death of Python is an error of the call; this process lives, and the next call is answered. */
async function dies(rival: Rival): Promise<boolean> {
  const outcome = await rival.call("dies", []).then(
    () => "answered",
    () => "rejected",
  );
  return outcome === "rejected" && (await rival.call("gives", ["41 + 1"])) === 42;
}

async function examine(name: RivalName, question: Question): Promise<Answers> {
  const rival: Rival = await RIVALS[name].start();
  try {
    switch (question) {
      case "values":
        return await values(rival);
      case "fails":
        return { "exception with all its fields": await judged(() => fails(rival)) };
      case "prints":
        return { "print": await judged(() => harmless(rival, "prints", "printed")) };
      case "writes":
        return { "raw bytes to fd 1": await judged(() => harmless(rival, "writes", "written")) };
      case "dies":
        return { "segfault in Python": await judged(() => dies(rival)) };
    }
  } finally {
    await rival.stop();
  }
}

const [, , name = "", question = ""] = process.argv;
const answers = await examine(name as RivalName, question as Question);
process.stdout.write(`\n${JSON.stringify(answers)}\n`, () => process.exit(0));
