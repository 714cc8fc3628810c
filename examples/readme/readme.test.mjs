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
    execFileSync(python, ["-c", "import numpy, pandas, pyarrow"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "AMPHIS_PYTHON lacks NumPy, pandas or pyarrow";
  }
}

const reason = missing();
if (reason === undefined) {
  test("what the README shows works", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [main]);
    expect(stdout.split("\n")).toEqual([
      "Once upon a time",
      "[ [ 3 ], [ 4 ] ] Make their shapes fit, with reshape(), transposed, or by taking a part",
      "5 1.4142135623730951",
      "east 310",
      "north 220",
      "south 126",
      "",
    ]);
  });
} else {
  test("the example of the README", ({ skip }) => skip(reason));
}
