import { expect, test } from "vitest";

import { needPython, printed, sources } from "../story.mjs";

/** Lines of the output from the one that opens a message to the next empty one, without what differs by the clock. */
function messageAfter(output, heading) {
  const [, after = ""] = output.split(`${heading}\n\n`);
  return after.split("\n\n")[0]?.replace(/ttlMs: \d+/, "ttlMs: …");
}

test("both languages print the same message, in every codec, and the tour ends by itself", async ({
  skip,
}) => {
  needPython(skip);
  const output = await printed(new URL("main.mjs", import.meta.url), {
    env: { PYTHONPATH: sources, NO_COLOR: "1", PYTHONIOENCODING: "utf-8" },
  });
  expect(messageAfter(output, "Python saw:")).toBe(messageAfter(output, "TypeScript made it:"));
  expect(output).toMatch(/^msgpack +\d+ /m);
  expect(output).toMatch(/^compact +\d+ /m);
  expect(output).toMatch(/^json +\d+ /m);
  expect(output.trimEnd().endsWith("Done: three codecs, two languages, one message.")).toBe(true);
});
