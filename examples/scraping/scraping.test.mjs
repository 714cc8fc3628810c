import { execFile, execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, test } from "vitest";

const python = process.env["AMPHIS_PYTHON"];
const main = fileURLToPath(new URL("main.mjs", import.meta.url));

/** Why the story cannot run here, if so. */
function missing() {
  if (python === undefined) return "AMPHIS_PYTHON names no interpreter; run it with npm test";
  try {
    execFileSync(python, ["-c", "import requests, bs4"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "AMPHIS_PYTHON lacks requests or Beautiful Soup";
  }
}

const reason = missing();
if (reason === undefined) {
  test("a site is read page by page, within its rules and the configured limits, and rows come as they are found", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [main]);
    expect(stdout.split("\n")).toEqual([
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
} else {
  test("scraping", ({ skip }) => skip(reason));
}
