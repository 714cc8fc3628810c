import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

const main = fileURLToPath(new URL("main.mjs", import.meta.url));

test("events are logged, recorded, heard by name and by Node alone, and calls know their trace", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout.trimEnd().split("\n")).toEqual([
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
  ]);
});
