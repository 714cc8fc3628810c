import { expect, test } from "vitest";

import { needPython, printed, sources } from "../story.mjs";

test("Python's question is answered, and both processes end by themselves", async ({ skip }) => {
  needPython(skip);
  const output = await printed(new URL("main.mjs", import.meta.url), {
    env: { PYTHONPATH: sources },
  });
  expect(output).toContain("Python got {'total': 399.8} for its question");
});
