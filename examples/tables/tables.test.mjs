import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("a table goes to pandas and comes back, and ends with its lease", async ({ skip }) => {
  needPython(skip, { modules: ["pandas", "pyarrow"] });
  const output = await printed(new URL("main.mjs", import.meta.url));
  expect(output.split("\n")).toEqual([
    "3 rows of item and price",
    "{ item: 'tea', price: 3.5 }",
    "true",
    "salt costs 0.80 on average",
    "tea costs 3.80 on average",
    "refused: the message at byte 0 is longer than what is there",
    "the table ended with its lease",
    "",
  ]);
});
