import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, test } from "vitest";

const python = process.env["AMPHIS_PYTHON"];
const main = fileURLToPath(new URL("main.mjs", import.meta.url));
const sources = fileURLToPath(new URL("../../python/src", import.meta.url));

if (python === undefined) {
  test("socket to Python", ({ skip }) =>
    skip("AMPHIS_PYTHON names no interpreter; run it with npm test"));
} else {
  describe("socket to Python", () => {
    test("Python's question is answered, and both processes end by themselves", async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [main], {
        env: { ...process.env, PYTHONPATH: sources },
      });
      expect(stdout).toContain("Python got {'total': 399.8} for its question");
    });
  });
}
