import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { listQuestions } from "./questions.mjs";
import { formatTargets, parseResult } from "./result.mjs";

describe("result of a bench", () => {
  const good = {
    question: "frame",
    machine: "2 cores",
    ratios: { peek_ns: 90.123456 },
    targets: { peek_ns: { max: 150 } },
  };

  test("last line is read", () => {
    expect(parseResult("frame", `table\n${JSON.stringify(good)}\n`)).toEqual(good);
  });

  test.each([
    ["line that is no JSON", "done", "its last line is not a JSON object"],
    ["other question", JSON.stringify({ ...good, question: "codec" }), 'its question is "codec"'],
    ["no machine", JSON.stringify({ ...good, machine: null }), "it names no machine"],
    [
      "ratio that is no number",
      JSON.stringify({ ...good, ratios: { peek_ns: "90" } }),
      "its ratios are not numbers by name",
    ],
    ["no targets", JSON.stringify({ ...good, targets: undefined }), "it has no targets"],
    [
      "target that was not measured",
      JSON.stringify({ ...good, targets: { decode_gbps: { min: 1.5 } } }),
      "target decode_gbps has no ratio",
    ],
  ])("%s is refused", (_, output, reason) => {
    expect(() => parseResult("frame", output)).toThrow(
      new Error(`Cannot read the result of bench frame: ${reason}`),
    );
  });

  test("targets are met at their bound and missed beyond it", () => {
    const ratios = { a: 1.1, b: 1.2, c: 1.4, d: 1.5 };
    const targets = { a: { max: 1.1 }, b: { max: 1.1 }, c: { min: 1.5 }, d: { min: 1.5 } };
    expect(formatTargets({ question: "q", machine: "m", ratios, targets })).toEqual([
      "met     q a: 1.1, wanted at most 1.1",
      "missed  q b: 1.2, wanted at most 1.1",
      "missed  q c: 1.4, wanted at least 1.5",
      "met     q d: 1.5, wanted at least 1.5",
    ]);
  });
});

describe("questions", () => {
  let root = "";

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "amphis-bench-"));
  });

  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  test("folders with a main file are questions and other folders are not", async () => {
    for (const path of ["codec/main.mjs", "frame/main.ts", "runner/index.ts"]) {
      await mkdir(join(root, "bench", path, ".."), { recursive: true });
      await writeFile(join(root, "bench", path), "");
    }
    expect(await listQuestions(root)).toEqual([
      { name: "codec", script: "bench/codec/main.mjs" },
      { name: "frame", script: "bench/dist/frame/main.js" },
    ]);
  });
});
