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
    execFileSync(python, ["-c", "import numpy; ExceptionGroup"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "AMPHIS_PYTHON lacks NumPy, or is older than 3.11, which groups exceptions";
  }
}

const reason = missing();
if (reason === undefined) {
  test("exceptions come with their fields, causes and advice, and errors of TypeScript go and return", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [main]);
    expect(stdout.split("\n")).toEqual([
      "OverdrawnError in transfer of bank",
      "raise OverdrawnError(account, amount - balance)",
      "ann lacks 400 { account: 'ann', missing: 400 }",
      "there is no account bob",
      "KeyError 'bob'",
      "ValueError: 1 is missing",
      "OSError: no paper",
      "dot [ [ 3 ], [ 4 ] ]",
      "Make their shapes fit, with reshape(), transposed, or by taking a part",
      "jsno or json",
      "transfer(account: 'str', amount: 'int') -> 'int'",
      "RangeError: it is 0",
      "true it is 0",
      "",
    ]);
  });
} else {
  test("errors of Python", ({ skip }) => skip(reason));
}
