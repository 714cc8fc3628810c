import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, test } from "vitest";

const python = process.env.AMPHIS_PYTHON;
const main = fileURLToPath(new URL("main.mjs", import.meta.url));
const sources = fileURLToPath(new URL("../../python/src", import.meta.url));

if (python === undefined) {
  test("typed messages", ({ skip }) =>
    skip("AMPHIS_PYTHON names no interpreter; run it with npm test"));
}

if (python !== undefined) {
  describe("typed messages", () => {
    test("Python reads what TypeScript packed by the contract, and a wrong payload is refused with every failure", async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [main], {
        env: { ...process.env, PYTHONPATH: sources, PYTHONIOENCODING: "utf-8" },
      });
      expect(stdout.trimEnd().split("\n")).toEqual([
        expect.stringMatching(
          /^The message takes \d+ bytes by its contract and \d+ bytes as JSON$/,
        ),
        '$.item must be string of length >= 1, got ""',
        "$.amount must be u32 >= 1, got 0",
        '$.price must be decimal, got "cheap"',
        "pricing: 2 x Bücherregal = 399.80",
      ]);
    });
  });
}
