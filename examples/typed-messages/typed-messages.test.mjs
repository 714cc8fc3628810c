import { expect, test } from "vitest";

import { needPython, printed, sources } from "../story.mjs";

test("Python reads what TypeScript packed by the contract, and a wrong payload is refused with every failure", async ({
  skip,
}) => {
  needPython(skip);
  const output = await printed(new URL("main.mjs", import.meta.url), {
    env: { PYTHONPATH: sources, PYTHONIOENCODING: "utf-8" },
  });
  expect(output.trimEnd().split("\n")).toEqual([
    expect.stringMatching(/^The message takes \d+ bytes by its contract and \d+ bytes as JSON$/),
    '$.item must be string of length >= 1, got ""',
    "$.amount must be u32 >= 1, got 0",
    '$.price must be decimal, got "cheap"',
    "pricing: 2 x Bücherregal = 399.80",
  ]);
});
