import { expect, test } from "vitest";

import { printed } from "../story.mjs";

test("a library is described, looked up and searched", async () => {
  const output = await printed(new URL("main.mjs", import.meta.url));
  const lines = output.trimEnd().split("\n");
  expect(lines).toContain("json.decoder: Implementation of JSONDecoder");
  expect(lines).toContain("Serialize ``obj`` to a JSON formatted ``str``.");
  expect(lines).toContain("  any obj");
  expect(lines).toContain("  keyword sort_keys = False");
  expect(lines).toContain("  keywords kw");
  expect(lines).toContain("[ 'json.dump', 'json.dumps' ]");
  expect(lines.at(-1)).toBe("json.load: function");
});
