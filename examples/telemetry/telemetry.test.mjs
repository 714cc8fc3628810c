import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

const python = process.env["AMPHIS_PYTHON"];
const main = fileURLToPath(new URL("main.mjs", import.meta.url));

test("events are logged, recorded, heard by name and by Node alone, calls know their trace, and Python tells of its work", async ({
  skip,
}) => {
  if (python === undefined) skip("AMPHIS_PYTHON names no interpreter; run it with npm test");
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  const lines = stdout.trimEnd().split("\n");
  // What a worker tells of its work comes over another way than the result.
  const isOfCall = (/** @type {string} */ line) => /^(?:mean|trainer:fit)/.test(line);
  expect(lines.filter(isOfCall)).toEqual([
    expect.stringMatching(/^trainer:fit: \S+ ms of Python, \d+ bytes sent$/),
    "mean      4",
  ]);
  expect(lines.filter((line) => !isOfCall(line))).toEqual([
    expect.stringMatching(
      /^\S+Z WARNING memoryExhausted code=MEMORY_EXHAUSTED requestedBytes=2097152 reason="the arena is full"$/,
    ),
    "caught    MEMORY_EXHAUSTED",
    "listening true",
    "listening false",
    "recorded  cpu, 1 in all",
    "heard     { wanted: [ 'cpu' ], device: 'cpu', choice: 0 }",
    "trace     4bf92f3577b34da6a3ce929d0e0e4736",
    "operation operationStart",
    "operation operationStop 2",
    "progress  train step 0: loss 16",
    "progress  train step 1: loss 0",
    "progress  train step 2: loss 0",
    "done      train of mean after 3 steps",
  ]);
});
