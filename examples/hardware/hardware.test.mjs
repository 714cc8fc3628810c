import { expect, test } from "vitest";

import { printed } from "../story.mjs";

test("any machine says what it has, gives a device, and refuses one that it has not", async () => {
  const output = await printed(new URL("main.mjs", import.meta.url));
  const lines = output.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^found {5}cpu: .+, [\d.]+ GiB free$/);
  expect(lines.slice(-5)).toEqual([
    expect.stringMatching(/^we get {4}\d+ cores, [\d.]+ GiB, \w+$/),
    expect.stringMatching(/^best {6}(cpu|mps|(cuda|rocm):\d+)$/),
    expect.stringMatching(/^selected {2}\S+, which was wish [123] of 3$/),
    expect.stringMatching(/^refused {3}wanted cuda:99; \d+ found$/),
    expect.stringMatching(/^identity {2}sha256:[\da-f]{64}, made of \d+ facts$/),
  ]);
});
