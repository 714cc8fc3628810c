import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { missingOptionalPackages } from "../lockfile/complete.mjs";

const REQUIREMENTS = ["python/requirements-dev.txt", "python/requirements-data.txt"];

/**
 * Lists what would make an installation depend on one machine or on the day: addresses in the lockfiles, versions that
 * may move, platforms that were left out.
 *
 * @param {string} root
 * @returns {Promise<string[]>}
 */
export async function lockfileProblems(root) {
  const text = await readFile(join(root, "package-lock.json"), "utf8");
  const requirements = await Promise.all(
    REQUIREMENTS.map(async (path) =>
      addressProblems(path, await readFile(join(root, path), "utf8")),
    ),
  );
  const missing = missingOptionalPackages(JSON.parse(text).packages);
  return [
    ...addressProblems("package-lock.json", text),
    ...requirements.flat(),
    ...missing.map(({ name }) => `package-lock.json: ${name} is missing; run npm run lockfile`),
    ...(await manifestProblems(root)),
  ];
}

/**
 * @param {string} path
 * @param {string} text
 * @returns {string[]}
 */
export function addressProblems(path, text) {
  const isAddress = (/** @type {string} */ line) =>
    /^\s*"resolved": "[a-z+]+:/.test(line) ||
    /^\s*--(index|extra-index|find-links|trusted)/.test(line);
  return text
    .split("\n")
    .flatMap((line, index) =>
      isAddress(line) ? [`${path}:${index + 1}: holds a download address: ${line.trim()}`] : [],
    );
}

/**
 * @param {string} root
 * @returns {Promise<string[]>}
 */
async function manifestProblems(root) {
  const packages = await readdir(join(root, "packages"));
  const paths = [
    "package.json",
    "bench/package.json",
    ...packages.map((name) => `packages/${name}/package.json`),
  ];
  const lists = await Promise.all(
    paths.map(async (path) => unpinned(path, JSON.parse(await readFile(join(root, path), "utf8")))),
  );
  return lists.flat();
}

/**
 * @param {string} path
 * @param {Readonly<Record<string, Readonly<Record<string, string>> | undefined>>} manifest
 * @returns {string[]}
 */
export function unpinned(path, manifest) {
  return ["dependencies", "devDependencies", "optionalDependencies"].flatMap((field) =>
    Object.entries(manifest[field] ?? {})
      .filter(([, range]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
      .map(([name, range]) => `${path}: ${name} is ${range}, not one exact version`),
  );
}
