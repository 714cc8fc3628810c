import { expect, test } from "vitest";

import { needPython, printed, sources } from "../story.mjs";

test("rules let members do what they say, and nothing else", async () => {
  const output = await printed(new URL("rules.mjs", import.meta.url));
  expect(output).toContain("web may ask for prices: 9.5,12");
  expect(output).toContain("ACCESS_DENIED");
  expect(output).toContain("AUTHENTICATION_FAILED");
});

test("TypeScript and Python ask, stream and exchange events on a bus, and both end by themselves", async ({
  skip,
}) => {
  needPython(skip);
  const output = await printed(new URL("main.mjs", import.meta.url), {
    env: { PYTHONPATH: sources },
  });
  expect(output).toContain("the median of 3, 1, 41, 7 is 5");
  expect(output).toContain("StatisticsError: no median for empty data");
  expect(output).toContain("the running mean of 10, 20, 60 is 10, 15, 30");
  expect(output).toContain('Python wanted one: {"sensor":"kiln","celsius":94}');
  expect(output).toContain("statistics.median is at statistics/1, healthy");
  expect(output).toMatch(/events that Python handles +[\d,]+ a second/);
  expect(output).toContain("the bus is drained. Done.");
});
