import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { changedLines } from "../exports/compare.mjs";
import { snapshotOf, snapshotPath } from "../exports/snapshot.mjs";
import { generate, generatorNames } from "../generate/runner/generate.mjs";
import { checkLayers, formatViolation } from "../layers/check.mjs";
import { compilerOf } from "../setup/build.mjs";
import { checkDocuments } from "../snippets/documents.mjs";
import { bin } from "./bin.mjs";
import { lockfileProblems } from "./lockfile.mjs";
import { checkPackages } from "./packages.mjs";
import { checkProto } from "./proto.mjs";
import { allPass, commandsPass, noProblems } from "./step.mjs";

/**
 * @typedef {import("./step.mjs").Check} Check
 * @typedef {import("./step.mjs").CheckContext} CheckContext
 */

/** Python outside the package follows the same rules. */
const pythonScripts = [
  "--config",
  "python/pyproject.toml",
  "tools",
  "examples",
  "bench",
  "packages",
];

/**
 * Everything that `npm run check` does, in order.
 *
 * @type {readonly Check[]}
 */
export const checks = [
  { name: "format", run: checkFormat },
  { name: "lint", run: checkLint },
  { name: "types", run: checkTypes },
  { name: "layers", run: checkLayerRule },
  { name: "exports", run: checkExports },
  { name: "unused", run: checkUnused },
  { name: "generated", run: checkGenerated },
  { name: "proto", run: checkProto },
  { name: "packages", run: checkPackages },
  { name: "docs", run: checkDocs },
  { name: "lockfile", run: async ({ places }) => noProblems(await lockfileProblems(places.root)) },
];

/** @param {CheckContext} context */
async function checkFormat({ places: { root }, python }) {
  const ruff = /** @type {const} */ ([python, "-m", "ruff", "format", "--check", "--quiet"]);
  return allPass([
    commandsPass(root, [[process.execPath, await bin(root, "oxfmt"), "--list-different", "."]]),
    commandsPass(root, [[...ruff, ...pythonScripts]]),
    commandsPass(join(root, "python"), [[...ruff]]),
  ]);
}

/** @param {CheckContext} context */
async function checkLint({ places: { root }, python }) {
  const oxlint = [
    await bin(root, "oxlint"),
    "--deny-warnings",
    "--report-unused-disable-directives",
  ];
  const ruff = /** @type {const} */ ([python, "-m", "ruff", "check", "--quiet"]);
  return allPass([
    commandsPass(root, [[process.execPath, ...oxlint]]),
    commandsPass(root, [[...ruff, ...pythonScripts]]),
    commandsPass(join(root, "python"), [[...ruff]]),
  ]);
}

/** @param {CheckContext} context */
async function checkTypes({ places: { root }, python }) {
  return allPass([
    commandsPass(root, [[process.execPath, await compilerOf(root), "-b"]]),
    commandsPass(join(root, "python"), [[python, "-m", "mypy", "--no-error-summary"]]),
  ]);
}

/** @param {CheckContext} context */
async function checkLayerRule({ places }) {
  return noProblems((await checkLayers(places.root)).map(formatViolation));
}

/** @param {CheckContext} context */
async function checkExports({ places: { root }, python, write }) {
  const fresh = await snapshotOf(root, python);
  if (write) {
    await writeFile(join(root, snapshotPath), fresh);
    return noProblems([]);
  }
  const committed = await readFile(join(root, snapshotPath), "utf8").catch(() => undefined);
  const remedy = `Run npm run check -- exports --write, and describe the change in a changeset`;
  return noProblems(
    committed === undefined ? [`${snapshotPath} does not exist`] : changedLines(committed, fresh),
    remedy,
  );
}

/** @param {CheckContext} context */
async function checkUnused({ places: { root } }) {
  return commandsPass(root, [
    [process.execPath, await bin(root, "knip"), "--no-progress", "--no-config-hints"],
  ]);
}

/** @param {CheckContext} context */
async function checkGenerated({ places: { root }, write }) {
  const names = await generatorNames(root);
  /** @type {string[]} */
  const problems = [];
  for (const name of names) {
    const differences = await generate(root, name, { write });
    problems.push(
      ...(write ? [] : differences.map(({ kind, path }) => `${name}: ${path} is ${kind}`)),
    );
  }
  return noProblems(problems, "Run npm run generate");
}

/** @param {CheckContext} context */
async function checkDocs({ places: { root }, write }) {
  return noProblems(
    await checkDocuments(root, { write }),
    "Run npm run check -- docs --write for the examples",
  );
}
