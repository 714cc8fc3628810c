import { loadNative } from "@amphis/native";
import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("values go as what they are, and what has no form here stays there", async ({ skip }) => {
  needPython(skip, { modules: ["numpy"] });
  const output = await printed(new URL("main.mjs", import.meta.url));
  const isShared = loadNative().kind !== "unavailable";
  expect(output.split("\n")).toEqual([
    "int 1",
    "float 0.5",
    "float 1.0",
    "int 1180591620717411303424",
    "list [1, 'two', None]",
    "tuple (2, 3)",
    "dict {'a': 1}",
    "dict {2026: 'year'}",
    "tea 3.50 S 2026-11-21",
    "tea 3.50",
    "true shop.Stock",
    "10",
    "args[0].paid[0] Money",
    "[ 1, 2, 3 ]",
    "$.stock shop.Stock",
    "true float64 [ 2 ]",
    "Float64Array(2) [ 6, 8 ]",
    "[ [ 1, 0 ], [ 0, 1 ] ]",
    ...(isShared ? ["-0.5"] : []),
    "",
  ]);
});
