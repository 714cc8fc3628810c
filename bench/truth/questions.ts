import { isDeepStrictEqual } from "node:util";

import { type Case, CASES } from "./cases.ts";
import type { Rival } from "./rivals.ts";

/** One row of the table: whether a rival does what it should. */
export interface Question {
  readonly name: string;
  readonly ask: (rival: Rival) => Promise<boolean>;
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

export const QUESTIONS: readonly Question[] = [
  ...CASES.filter(({ only }) => only !== "gives").map((each) => ({
    name: `${each.name}, to Python`,
    ask: (rival: Rival) => sees(rival, each),
  })),
  ...CASES.filter(({ only }) => only !== "sees").map((each) => ({
    name: `${each.name}, from Python`,
    ask: (rival: Rival) => gives(rival, each),
  })),
  { name: "exception: type, text, place and cause", ask: fails },
  { name: "print", ask: (rival) => harmless(rival, "prints", "printed") },
  { name: "raw bytes to descriptor 1", ask: (rival) => harmless(rival, "writes", "written") },
  { name: "segmentation fault in Python", ask: dies },
];
