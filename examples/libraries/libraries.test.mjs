import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("results are kept, hooks run, members are refused, calls are traced and counted", async ({
  skip,
}) => {
  needPython(skip);
  const lines = (await printed(new URL("main.mjs", import.meta.url))).split("\n");
  // What Python prints comes when it comes.
  expect(lines).toContain("python: forecast is set up");
  expect(lines.filter((line) => !line.startsWith("python: ")).join("\n")).toBe(`1.5 1.5
1
before - forecast_hooks:check: ValueError: a trend takes two values at least
Cannot use internal_state of forecast: the configuration excludes it
trend python [ [ 2, 6, 8 ] ] 3
trend cache [ [ 2, 6, 8 ] ] 3
trend 5 2 3 []
`);
});

test("calls travel together, and types of one's own are themselves on both sides", async ({
  skip,
}) => {
  needPython(skip);
  expect(await printed(new URL("batch.mjs", import.meta.url))).toBe(`[ 103, 106, 104 ]
1
Money { amount: 7, currency: 'EUR' }
2 [ 'forecast:Money' ]
`);
});
