import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("events are logged, recorded, heard by name and by Node alone, calls know their trace, and Python tells of its work", async ({
  skip,
}) => {
  needPython(skip);
  const output = await printed(new URL("main.mjs", import.meta.url));
  const lines = output.trimEnd().split("\n");
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
