import { isAmphisError } from "@amphis/protocol";
import { expect, test } from "vitest";

import { discover, searchLibraries } from "../../src/library/index.ts";
import { Finder } from "../../src/library/reference/browser/found.ts";
import { searchIndex } from "../../src/library/reference/search-index.ts";
import { Site } from "../../src/library/reference/site.ts";

const SLOW = { timeout: 120_000 };

test(
  "the search of a site finds what the one of the command finds, in the same order",
  SLOW,
  async ({ skip }) => {
    const models = await discover(["numpy"]).catch((error: unknown) => {
      if (isAmphisError(error, "LIBRARY_NOT_FOUND")) return skip("numpy is not installed");
      throw error;
    });
    const finder = new Finder(searchIndex(new Site(models)));
    expect(finder.find("norm", 5)[0]).toMatchObject({
      path: "numpy.linalg.norm",
      kind: "function",
      target: "numpy/numpy.linalg.html#numpy.linalg.norm",
      summary: "Matrix or vector norm.",
    });
    expect(finder.find("  ", 5)).toEqual([]);
    expect(finder.find("no-such-thing-at-all", 5)).toEqual([]);
    for (const query of ["linalg.norm", "arng", "draw samples", "ndarray"]) {
      const shown = searchLibraries(models, query, { limit: 200 }).map(({ path }) => path);
      const found = finder.find(query, 400).filter(({ kind }) => kind !== "module");
      const common = found.map(({ path }) => path).filter((path) => shown.includes(path));
      expect(common.slice(0, 5), query).toEqual(
        shown.filter((path) => common.includes(path)).slice(0, 5),
      );
      expect(common.length, query).toBeGreaterThan(0);
    }
  },
);

test("letters of a name find it, after everything that fits better", () => {
  const finder = new Finder([
    [
      "a/a.html",
      "a",
      ["function", "read_csv", "#a.read_csv", "Reads.", "function", "recv", "#a.recv", ""],
    ],
    ["a/a.Rec.html", "", ["class", "Rec", "", "A record of rcv."]],
  ]);
  expect(finder.find("rcv", 9).map(({ path }) => path)).toEqual(["Rec", "a.recv", "a.read_csv"]);
  expect(finder.find("recv", 9).map(({ path }) => path)).toEqual(["a.recv", "a.read_csv"]);
  expect(finder.find("vcr", 9)).toEqual([]);
  expect(finder.find("rs rcv", 9)).toEqual([]);
});
