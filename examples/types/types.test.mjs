import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

const main = fileURLToPath(new URL("main.mjs", import.meta.url));

test("a library is declared, and a wrong call is refused before it is sent", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  expect(stdout.trimEnd().split("\n")).toEqual([
    "written   textwrap.d.ts, index.d.ts",
    expect.stringMatching(/^declared {2}dedent\(text: .*\): PyPending<string>;$/u),
    "signature textwrap.indent(text, prefix, predicate=None)",
    "meant     prefx -> prefix",
  ]);
});
