import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { run } from "../setup/process.mjs";
import { parseJunit } from "./junit.mjs";
import { noTests } from "./totals.mjs";

/** @typedef {import("./totals.mjs").Totals} Totals */

/**
 * Runs the TypeScript tests, and those of the tools and examples.
 *
 * @param {import("../setup/root.mjs").Places} places
 * @param {string} python Put into `AMPHIS_PYTHON`, for tests that speak with Python.
 * @param {readonly string[]} filters Parts of file names; none means all.
 * @param {{ node?: string, env?: Readonly<Record<string, string>>, workers?: number }} [options] `node` is the program to
 *   run on; default: this one. `workers` is how many files run at once; default: all cores but one.
 * @returns {Promise<Totals>}
 */
export async function runVitest({ root, state }, python, filters, options = {}) {
  const { node = process.execPath, env = {}, workers } = options;
  const report = join(state, "reports", "vitest.json");
  await rm(report, { force: true });
  const reporters = [
    "--reporter=default",
    `--reporter=${join(root, "tools/test/vitest-reporter.mjs")}`,
  ];
  const { code } = await run(
    node,
    [
      join(root, "node_modules/vitest/vitest.mjs"),
      "run",
      "--passWithNoTests",
      ...(workers === undefined ? [] : [`--maxWorkers=${workers}`]),
      ...reporters,
      ...filters,
    ],
    {
      cwd: root,
      show: true,
      env: { AMPHIS_PYTHON: python, AMPHIS_TOTALS: report, NODE_ENV: "test", ...env },
    },
  );
  const text = await readFile(report, "utf8").catch(() => undefined);
  /** @type {Totals} */
  const totals = text === undefined ? noTests : JSON.parse(text);
  return countCrash(totals, code, "vitest");
}

/**
 * Runs the Python tests.
 *
 * @param {import("../setup/root.mjs").Places} places
 * @param {readonly string[]} filters Parts of test names; none means all.
 * @param {import("../setup/process.mjs").Output} output
 * @returns {Promise<Totals>}
 */
export async function runPytest({ root, state, venvPython }, filters, output) {
  const report = join(state, "reports", "pytest.xml");
  await rm(report, { force: true });
  const expression = filters.length === 0 ? [] : ["-k", keywordExpression(filters)];
  const color = process.stdout.isTTY ? ["--color=yes"] : [];
  const { code } = await run(
    venvPython,
    ["-m", "pytest", "-q", `--junitxml=${report}`, ...color, ...expression],
    { cwd: join(root, "python"), output },
  );
  const xml = await readFile(report, "utf8").catch(() => "");
  return code === noTestsCollected ? noTests : countCrash(parseJunit(xml), code, "pytest", output);
}

const noTestsCollected = 5;

/**
 * File names in Python have underscores where those in TypeScript have hyphens.
 *
 * @param {readonly string[]} filters
 * @returns {string}
 */
export function keywordExpression(filters) {
  return filters.map((filter) => filter.replaceAll("-", "_")).join(" or ");
}

/**
 * A runner may fail without a failing test: it crashed, or its configuration is wrong.
 *
 * @param {Totals} totals
 * @param {number} code
 * @param {string} runner
 * @param {import("../setup/process.mjs").Output} [output]
 * @returns {Totals}
 */
function countCrash(totals, code, runner, output = (text) => process.stderr.write(text)) {
  if (code === 0 || totals.failed > 0) {
    return totals;
  }
  const why = `it ended with exit code ${code} and no failed test`;
  output(`Cannot trust the result of ${runner}: ${why}\n`, "stderr");
  return { ...totals, failed: 1, failures: [{ file: runner, name: "all tests", why }] };
}
