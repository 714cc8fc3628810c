import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

const main = fileURLToPath(new URL("main.mjs", import.meta.url));

test("packages are installed from a lock, used, checked and updated", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout.trimEnd().split("\n")).toEqual([
    "install   colours==1.0",
    "install   paintings==1.0",
    "made      .amphis/environments/default/",
    "used      Study in red",
    "refused   true",
    "repaired  0 problems, 0 packages",
    "changed   colours 1.0 -> 2.0",
  ]);
});
