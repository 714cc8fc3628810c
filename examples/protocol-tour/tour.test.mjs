import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, test } from "vitest";

const python = process.env.AMPHIS_PYTHON;
const main = fileURLToPath(new URL("main.mjs", import.meta.url));
const sources = fileURLToPath(new URL("../../python/src", import.meta.url));

if (python === undefined) {
  test("protocol tour", ({ skip }) =>
    skip("AMPHIS_PYTHON names no interpreter; run it with npm test"));
}

/** Lines of the output from the one that opens a message to the next empty one, without what differs by the clock. */
function messageAfter(output, heading) {
  const [, after = ""] = output.split(`${heading}\n\n`);
  return after.split("\n\n")[0]?.replace(/ttlMs: \d+/, "ttlMs: …");
}

if (python !== undefined) {
  describe("protocol tour", () => {
    test(
      "both languages print the same message, in every codec, and the tour ends by itself",
      { timeout: 60_000 },
      async () => {
        const { stdout } = await promisify(execFile)(process.execPath, [main], {
          env: { ...process.env, PYTHONPATH: sources, NO_COLOR: "1", PYTHONIOENCODING: "utf-8" },
        });
        expect(messageAfter(stdout, "Python saw:")).toBe(
          messageAfter(stdout, "TypeScript made it:"),
        );
        expect(stdout).toMatch(/^msgpack +\d+ /m);
        expect(stdout).toMatch(/^compact +\d+ /m);
        expect(stdout).toMatch(/^json +\d+ /m);
        expect(stdout.trimEnd().endsWith("Done: three codecs, two languages, one message.")).toBe(
          true,
        );
      },
    );
  });
}
