import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

const main = fileURLToPath(new URL("main.mjs", import.meta.url));

test("a library is described, looked up and searched", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [main]);
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toContain("json.decoder: Implementation of JSONDecoder");
  expect(lines).toContain("Serialize ``obj`` to a JSON formatted ``str``.");
  expect(lines).toContain("  any obj");
  expect(lines).toContain("  keyword sort_keys = False");
  expect(lines).toContain("  keywords kw");
  expect(lines).toContain("[ 'json.dump', 'json.dumps' ]");
  expect(lines.at(-1)).toBe("json.load: function");
});
