import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { isAmphisError } from "@amphis/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { checkCall, discover, type LibraryModel, writeTypes } from "../../../src/library/index.ts";
import { findPython } from "../../../src/worker/index.ts";
import { compile } from "./compile.ts";
import { RIGHT, STANDARD, WRONG } from "./programs.ts";

const STANDARD_LIBRARY =
  "argparse array ast asyncio base64 bisect builtins collections concurrent.futures contextlib copy csv dataclasses datetime decimal enum functools glob hashlib heapq io itertools json logging math os pathlib pickle random re shutil sqlite3 statistics string subprocess tempfile textwrap threading time typing urllib uuid";
/** Those after pyarrow are in few environments. */
const INSTALLED =
  "numpy pandas polars pyarrow sklearn scipy requests PIL matplotlib networkx sympy bs4 httpx pydantic".split(
    " ",
  );

let folder = "";
const models: LibraryModel[] = [];

/** Describes libraries one after the other; those that are not installed are left out. */
async function describeAll(names: readonly string[]): Promise<void> {
  for (const name of names) {
    const found = await discover([name]).catch((error: unknown) => {
      if (isAmphisError(error, "LIBRARY_NOT_FOUND")) return [];
      throw error;
    });
    models.push(...found);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "amphis-types-"));
  const [numpy, ...others] = INSTALLED;
  const standard = STANDARD_LIBRARY.split(" ");
  await Promise.all([describeAll([numpy ?? "", ...standard]), describeAll(others)]);
  await writeTypes(models, { folder: join(folder, "python-types") });
}, 240_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

const has = (name: string): boolean => models.some((model) => model.name === name);

describe("declarations of real libraries", () => {
  test("compile under strict, with programs that are right, and refuse what is wrong", async () => {
    const hasData = has("numpy") && has("pandas");
    const errors = await compile(folder, {
      "standard.ts": STANDARD,
      ...(hasData ? { "right.ts": RIGHT, "wrong.ts": WRONG } : {}),
    });
    expect(errors).toEqual([]);
    expect(models.length).toBeGreaterThanOrEqual(42);
  }, 240_000);

  test("are the same when they are written again", async () => {
    const again = await writeTypes(models.toReversed(), {
      folder: join(folder, "python-types"),
      dryRun: true,
    });
    expect(again.changed).toEqual([]);
    expect(again.unchanged.length).toBe(models.length + 1);
  });
});

/** What Python says of calls: of each whether it takes the arguments, or null where it does not know. */
const BIND = `
import importlib, inspect, json, sys, warnings
warnings.simplefilter("ignore")
def find(module, name):
    try:
        return inspect.signature(getattr(importlib.import_module(module), name))
    except BaseException:
        return None
def takes(signature, count, names):
    # Some versions of bind() take those by name that may be left out, which functions themselves refuse.
    parameters = signature.parameters.values()
    by_position = {one.name for one in parameters if one.kind is one.POSITIONAL_ONLY}
    if by_position & set(names) and not any(one.kind is one.VAR_KEYWORD for one in parameters):
        return False
    try:
        signature.bind(*range(count), **dict.fromkeys(names))
        return True
    except TypeError:
        return False
answers = []
for module, name, calls in json.load(open(sys.argv[1])):
    signature = find(module, name)
    answers.append([signature and takes(signature, *call) for call in calls])
json.dump(answers, open(sys.argv[2], "w"))
`;

test("calls are judged as inspect.Signature.bind judges them", async () => {
  const asked = models
    .filter(({ name }) =>
      "builtins inspect json math numpy os random re shutil statistics subprocess textwrap".includes(
        name,
      ),
    )
    .flatMap(({ modules }) => modules)
    .flatMap(({ path, members }) =>
      members.flatMap((member) => {
        if (member.kind !== "function" && member.kind !== "class") return [];
        const of = member.kind === "class" ? member.constructors : member.signatures;
        const names = (member.runtime ?? of[0])?.parameters.map(({ name }) => name) ?? [];
        const calls = [0, 1, 2, 3, 6].flatMap((count) =>
          [[], names.slice(0, 1), names.slice(-1), names.slice(1, 3), ["nonsense"]].map(
            (given) => [count, given] as const,
          ),
        );
        return [{ member, path, calls }];
      }),
    );
  const question = join(folder, "question.json");
  const answer = join(folder, "answer.json");
  await writeFile(
    question,
    JSON.stringify(asked.map(({ member, path, calls }) => [path, member.name, calls])),
  );
  const { path: python } = await findPython({});
  await promisify(execFile)(python, ["-c", BIND, question, answer]);
  const { default: answers } = (await import(answer, { with: { type: "json" } })) as {
    readonly default: readonly (readonly (boolean | null)[])[];
  };
  const refused: string[] = [];
  let judged = 0;
  for (const [index, { member, path, calls }] of asked.entries()) {
    for (const [at, [count, names]] of calls.entries()) {
      const theirs = answers[index]?.[at] ?? null;
      const ours = takes(() =>
        checkCall(member, new Array(count), Object.fromEntries(names.map((name) => [name, null]))),
      );
      if (!ours) judged += 1;
      if (!ours && theirs !== false) {
        refused.push(`${path}.${member.name} ${count} ${names.join()}`);
      }
    }
  }
  expect(refused).toEqual([]);
  expect(judged).toBeGreaterThan(1_000);
});

function takes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (isAmphisError(error, "CALL_INVALID")) return false;
    throw error;
  }
}
