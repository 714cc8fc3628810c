import { expect, test } from "vitest";

import { needPython, printed } from "../story.mjs";

test("a library that is named in a configuration file is used", async ({ skip }) => {
  needPython(skip, { modules: ["numpy"] });
  const output = await printed(new URL("main.mjs", import.meta.url));
  expect(output.split("\n")).toEqual(["5", "numpy of the environment default", ""]);
});
