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
    execFileSync(python, ["-c", "import numpy"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "AMPHIS_PYTHON lacks NumPy";
  }
}

const reason = missing();
if (reason === undefined) {
  test("a library that is named in a configuration file is used", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [main]);
    expect(stdout.split("\n")).toEqual(["5", "numpy of the environment default", ""]);
  });
} else {
  test("configured library", ({ skip }) => skip(reason));
}
