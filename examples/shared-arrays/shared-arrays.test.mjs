import { execFile, execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { loadNative } from "@amphis/native";
import { expect, test } from "vitest";

const python = process.env["AMPHIS_PYTHON"];
const main = fileURLToPath(new URL("main.mjs", import.meta.url));

/** Why the story cannot run here, if so. */
function missing() {
  const native = loadNative();
  if (native.kind === "unavailable") return native.reason;
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
  test("arrays go both ways through shared memory, and nothing is left lent", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [main]);
    expect(stdout.split("\n")).toEqual([
      "999996 numbers came back, the one in the middle is -0.343309",
      "2 pieces of memory are lent, 2 shares are Python's",
      "at the end 0 are",
      "",
    ]);
  });
} else {
  test("arrays in shared memory", ({ skip }) => skip(reason));
}
