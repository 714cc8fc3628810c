import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("the tour goes to its end, and every step did what it says", async ({ skip }) => {
  needPython(skip);
  const output = await printed(new URL("main.mjs", import.meta.url));
  for (const line of [
    "math.sqrt(2) = 1.4142135623730951",
    "statistics.median([1, 2, 9]) = 2",
    "Everything about sales is an ordinary Python module",
    "the root of 7 is 2.645751, found in 34 calls of an arrow function",
    "the first of its queue is 1",
    "JSONDecodeError in raw_decode",
    "this process did not: math.sqrt(16) = 4",
    "no process is left",
  ]) {
    expect(output).toContain(line);
  }
  // Either it was done, or it says why not.
  expect(output).toMatch(/numpy\.sum of 13,107,200 numbers = 6553600|numpy is not installed here/);
  expect(output).toMatch(/4 regions; best: east|pandas is not installed here/);
});
