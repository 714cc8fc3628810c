import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("pools of three profiles work, and tell where the time went", async ({ skip }) => {
  needPython(skip);
  const output = await printed(new URL("main.mjs", import.meta.url));
  expect(output).toMatch(
    /work:compute \{\s+totalMs: [\d.]+,\s+queueMs: [\d.]+,\s+transferMs: [\d.]+,\s+pythonMs: [\d.]+\s+\}/,
  );
  expect(output).toMatch(/one by one [\d.]+ ms\nat once {4}[\d.]+ ms\nin one {5}[\d.]+ ms\n/);
  const calls = [...output.matchAll(/worker \d: \{ calls: (\d+)/g)].map(([, count]) => count);
  expect(calls.reduce((sum, count) => sum + Number(count), 0)).toBe(4_002);
  expect(output).toMatch(/waited {3}[\d.e-]+ ms at the median/);
});
