import { execFile, execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

const python = process.env["AMPHIS_PYTHON"];
const main = fileURLToPath(new URL("main.mjs", import.meta.url));

/** Why the story cannot run here, if so. */
function missing() {
  if (python === undefined) return "AMPHIS_PYTHON names no interpreter; run it with npm test";
  try {
    execFileSync(python, ["-c", "import pandas, pyarrow"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "AMPHIS_PYTHON lacks pandas or pyarrow";
  }
}

const reason = missing();
if (reason === undefined) {
  test("a table goes to pandas and comes back, and ends with its lease", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [main]);
    expect(stdout.split("\n")).toEqual([
      "3 rows of item and price",
      "{ item: 'tea', price: 3.5 }",
      "true",
      "salt costs 0.80 on average",
      "tea costs 3.80 on average",
      "refused: the message at byte 0 is longer than what is there",
      "the table ended with its lease",
      "",
    ]);
  });
} else {
  test("a table through pandas", ({ skip }) => skip(reason));
}
