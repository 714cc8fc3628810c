import { expect, test } from "vitest";

import { printed } from "../story.mjs";

test("a library is declared, and a wrong call is refused before it is sent", async () => {
  const output = await printed(new URL("main.mjs", import.meta.url));
  expect(output.trimEnd().split("\n")).toEqual([
    "written   textwrap.d.ts, index.d.ts",
    expect.stringMatching(/^declared {2}dedent\(text: .*\): PyPending<string>;$/u),
    "signature textwrap.indent(text, prefix, predicate=None)",
    "meant     prefx -> prefix",
  ]);
});
