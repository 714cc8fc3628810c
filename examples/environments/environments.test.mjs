import { expect, test } from "vitest";

import { printed } from "../story.mjs";

test("packages are installed from a lock, used, checked and updated", async () => {
  const output = await printed(new URL("main.mjs", import.meta.url));
  expect(output.trimEnd().split("\n")).toEqual([
    "install   colours==1.0",
    "install   paintings==1.0",
    "made      .amphis/environments/default/",
    "used      Study in red",
    "refused   true",
    "repaired  0 problems, 0 packages",
    "changed   colours 1.0 -> 2.0",
  ]);
});
