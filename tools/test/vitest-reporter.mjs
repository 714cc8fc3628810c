import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * @typedef {import("vitest/node").Reporter} Reporter
 * @typedef {import("vitest/node").TestModule} TestModule
 */

/**
 * Writes the totals of a vitest run to the file that `AMPHIS_TOTALS` names. A file that cannot be loaded and an error
 * outside of any test count as failures.
 *
 * @implements {Reporter}
 */
export default class TotalsReporter {
  /**
   * @param {readonly TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const totals = totalsOf(modules, unhandledErrors.length);
    const path = process.env["AMPHIS_TOTALS"];
    if (path !== undefined) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, JSON.stringify(totals));
    }
  }
}

/**
 * @param {readonly TestModule[]} modules
 * @param {number} unhandledErrors
 * @returns {import("./totals.mjs").Totals}
 */
function totalsOf(modules, unhandledErrors) {
  let passed = 0;
  let failed = unhandledErrors;
  /** @type {string[]} */
  const skips = [];
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) {
      failed += suite.errors().length;
    }
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === "passed") {
        passed += 1;
      } else if (result.state === "skipped") {
        skips.push(
          `${module.relativeModuleId}: ${test.fullName}: ${result.note ?? "no reason given"}`,
        );
      } else {
        failed += 1;
      }
    }
  }
  return { passed, failed, skipped: skips.length, skips };
}
