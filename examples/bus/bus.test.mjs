import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, test } from "vitest";

const python = process.env["AMPHIS_PYTHON"];
const main = fileURLToPath(new URL("main.mjs", import.meta.url));
const sources = fileURLToPath(new URL("../../python/src", import.meta.url));

test("rules let members do what they say, and nothing else", async () => {
  const rules = fileURLToPath(new URL("rules.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [rules]);
  expect(stdout).toContain("web may ask for prices: 9.5,12");
  expect(stdout).toContain("ACCESS_DENIED");
  expect(stdout).toContain("AUTHENTICATION_FAILED");
});

if (python === undefined) {
  test("a bus", ({ skip }) => skip("AMPHIS_PYTHON names no interpreter; run it with npm test"));
} else {
  describe("a bus", () => {
    test("TypeScript and Python ask, stream and exchange events, and both end by themselves", async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [main], {
        env: { ...process.env, PYTHONPATH: sources },
      });
      expect(stdout).toContain("the median of 3, 1, 41, 7 is 5");
      expect(stdout).toContain("StatisticsError: no median for empty data");
      expect(stdout).toContain("the running mean of 10, 20, 60 is 10, 15, 30");
      expect(stdout).toContain('Python wanted one: {"sensor":"kiln","celsius":94}');
      expect(stdout).toContain("statistics.median is at statistics/1, healthy");
      expect(stdout).toMatch(/events that Python handles +[\d,]+ a second/);
      expect(stdout).toContain("the bus is drained. Done.");
    });
  });
}
