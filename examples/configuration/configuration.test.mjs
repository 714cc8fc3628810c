import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("a configuration opens Python, explains itself, is checked and followed", async ({ skip }) => {
  needPython(skip);
  const output = await printed(new URL("main.mjs", import.meta.url));
  expect(output).toBe(`2
12.50 EUR
4 workers
  4 in AMPHIS__POOLS__DEFAULT__WORKERS
  16 in amphis.config.ts:14
  2 in amphis.config.ts:10
2:1 libraries.numpy.verison: there is no such option; did you mean version?
5:11 pools.default.profile: expected one of "process", "thread", "asyncio"; found "threads"; did you mean "thread"?
6:11 pools.default.workers: expected a whole number of 1 or more; found "4"; did you mean 4?
libraries.prices.concurrency: 4 -> 8
`);
});
