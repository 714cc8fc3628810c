import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

const python = process.env["AMPHIS_PYTHON"];
const main = fileURLToPath(new URL("main.mjs", import.meta.url));

if (python === undefined) {
  test("tuning", ({ skip }) => skip("AMPHIS_PYTHON names no interpreter; run it with npm test"));
} else {
  test("pools of three profiles work, and tell where the time went", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [main]);
    expect(stdout).toMatch(
      /work:compute \{\s+totalMs: [\d.]+,\s+queueMs: [\d.]+,\s+transferMs: [\d.]+,\s+pythonMs: [\d.]+\s+\}/,
    );
    expect(stdout).toMatch(/one by one [\d.]+ ms\nat once {4}[\d.]+ ms\nin one {5}[\d.]+ ms\n/);
    const calls = [...stdout.matchAll(/worker \d: \{ calls: (\d+)/g)].map(([, count]) => count);
    expect(calls.reduce((sum, count) => sum + Number(count), 0)).toBe(4_002);
    expect(stdout).toMatch(/waited {3}[\d.e-]+ ms at the median/);
  });
}
