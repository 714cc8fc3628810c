import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("what the README shows works", async ({ skip }) => {
  needPython(skip, { modules: ["numpy", "pandas", "pyarrow"] });
  const output = await printed(new URL("main.mjs", import.meta.url));
  expect(output.split("\n")).toEqual([
    "Once upon a time",
    "[ [ 3 ], [ 4 ] ] Make their shapes fit, with reshape(), transposed, or by taking a part",
    "5 1.4142135623730951",
    "east 310",
    "north 220",
    "south 126",
    "",
  ]);
});
