import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("a site is read page by page, within its rules and the configured limits, and rows come as they are found", async ({
  skip,
}) => {
  needPython(skip, { modules: ["requests", "bs4"] });
  const output = await printed(new URL("main.mjs", import.meta.url));
  expect(output.split("\n")).toEqual([
    " 3.90  Black tea, /tea",
    " 4.50  Green tea, /tea",
    " 6.25  Forest honey, /honey",
    " 7.25  White tea, /tea/more",
    " 8.00  Filter coffee, /coffee",
    " 9.40  Espresso, /coffee",
    "12.00  Aged tea, /slow",
    "pages  8, of which 2 could not be read",
    "       /broken: HTTPError",
    "       /private/prices: PermissionError",
    "asked  /honey 2 times, /private/prices 0",
    "limit  2 requests at a time: true",
    "ended  5 rows, that is enough",
    "left   after Item 1",
    "denied files.write, open",
    "done",
    "",
  ]);
}, 240_000);
