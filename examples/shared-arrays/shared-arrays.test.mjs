import { loadNative } from "@amphis/native";
import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("arrays go both ways through shared memory, and nothing is left lent", async ({ skip }) => {
  const native = loadNative();
  if (native.kind === "unavailable") skip(native.reason);
  needPython(skip, { modules: ["numpy"] });
  const output = await printed(new URL("main.mjs", import.meta.url));
  expect(output.split("\n")).toEqual([
    "999996 numbers came back, the one in the middle is -0.343309",
    "2 pieces of memory are lent, 2 shares are Python's",
    "at the end 0 are",
    "",
  ]);
});
