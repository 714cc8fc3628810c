import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * @typedef {import("vitest/node").Reporter} Reporter
 * @typedef {import("vitest/node").TestModule} TestModule
 * @typedef {import("./totals.mjs").Told} Told
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
    const totals = totalsOf(modules, unhandledErrors);
    const path = process.env["AMPHIS_TOTALS"];
    if (path !== undefined) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, JSON.stringify(totals));
    }
  }
}

/**
 * @param {readonly TestModule[]} modules
 * @param {readonly unknown[]} unhandledErrors
 * @returns {import("./totals.mjs").Totals}
 */
function totalsOf(modules, unhandledErrors) {
  let passed = 0;
  /** @type {Told[]} */
  const skips = [];
  const failures = unhandledErrors.map((error) => told("vitest", "outside of any test", [error]));
  for (const module of modules) {
    const file = module.relativeModuleId;
    failures.push(...module.errors().map((error) => told(file, "the file", [error])));
    for (const suite of module.children.allSuites()) {
      failures.push(...suite.errors().map((error) => told(file, suite.fullName, [error])));
    }
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === "passed") {
        passed += 1;
      } else if (result.state === "skipped") {
        skips.push({ file, name: test.fullName, why: result.note ?? "no reason given" });
      } else {
        failures.push(told(file, test.fullName, result.errors ?? []));
      }
    }
  }
  return { passed, failed: failures.length, skipped: skips.length, failures, skips };
}

/**
 * @param {string} file
 * @param {string} name
 * @param {readonly unknown[]} errors
 * @returns {Told}
 */
function told(file, name, [error]) {
  const message = /** @type {{ message?: unknown } | undefined} */ (error)?.message;
  const [why = ""] = String(message ?? error ?? "it did not end").split("\n");
  return { file, name, why };
}
