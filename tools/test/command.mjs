import { availableParallelism } from "node:os";

import { placesOf } from "../setup/root.mjs";
import { setUp } from "../setup/set-up.mjs";
import { beside } from "./beside.mjs";
import { runPytest, runVitest } from "./runners.mjs";
import { addUp, closingLines, exitCodeOf, formatTotals, noTests } from "./totals.mjs";

/** @typedef {import("./totals.mjs").Totals} Totals */

/**
 * `npm test [-- part-of-a-name…] [-- --verbose]`
 *
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function main(args) {
  const filters = filtersOf(args);
  const totals = await runTests(await setUp(), filters);
  printTotals(totals);
  return exitCodeOf(totals);
}

/** Files of vitest at once: on two cores too they mostly wait, for processes that they started. */
const FILES_AT_ONCE = Math.max(2, availableParallelism() - 1);

/**
 * Runs the tests of both languages at once: each mostly waits for processes that it started.
 *
 * @param {import("../setup/set-up.mjs").Ready} ready
 * @param {readonly string[]} filters Parts of names; none means all.
 * @returns {Promise<Totals>}
 */
export async function runTests({ python, pythonToolsMissing }, filters) {
  const places = placesOf();
  const inTypeScript = () => runVitest(places, python, filters, { workers: FILES_AT_ONCE });
  if (pythonToolsMissing !== undefined) {
    return addUp([await inTypeScript(), skippedPython(pythonToolsMissing)]);
  }
  return addUp(await beside(inTypeScript, (output) => runPytest(places, filters, output)));
}

/**
 * @param {import("./totals.mjs").Totals} totals
 */
export function printTotals(totals) {
  process.stdout.write([...closingLines(totals), formatTotals(totals), ""].join("\n"));
}

/**
 * @param {readonly string[]} args
 * @returns {string[]}
 */
function filtersOf(args) {
  const unknown = args.find((argument) => argument.startsWith("-") && argument !== "--verbose");
  if (unknown !== undefined) {
    throw new Error(
      `Cannot run tests: unknown option ${unknown}. Give parts of file names, or --verbose`,
    );
  }
  return args.filter((argument) => argument !== "--verbose");
}

/**
 * @param {string} reason
 * @returns {import("./totals.mjs").Totals}
 */
function skippedPython(reason) {
  return { ...noTests, skipped: 1, skips: [{ file: "python", name: "all tests", why: reason }] };
}
