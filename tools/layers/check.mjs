import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { importsOf } from "./imports.mjs";
import { packageRules } from "./rule.mjs";
import { judge } from "./judge.mjs";

/**
 * @typedef {import("./judge.mjs").Manifest} Manifest
 *
 * @typedef {object} Violation
 * @property {string} path Relative to the repository.
 * @property {number} line
 * @property {string} reason
 */

/**
 * Checks every import of every package, bench, example and tool against the layer rule.
 *
 * @param {string} root
 * @param {Readonly<Record<string, import("./rule.mjs").PackageRule>>} [rules]
 * @returns {Promise<Violation[]>} In order of path and line.
 */
export async function checkLayers(root, rules = packageRules) {
  const owners = await readdir(join(root, "packages"));
  const folders = [...owners.map((owner) => `packages/${owner}`), "bench"];
  /** @type {Map<string, Manifest>} */
  const manifests = new Map();
  for (const folder of folders) {
    manifests.set(folder, await readManifest(join(root, folder)));
  }
  const rootManifest = await readManifest(root);
  /** @type {Violation[]} */
  const violations = [];
  for (const path of await sourceFiles(root, [...folders, "examples"])) {
    const manifest =
      manifests.get(folders.find((folder) => path.startsWith(`${folder}/`)) ?? "") ?? rootManifest;
    for (const { specifier, line } of importsOf(path, await readFile(join(root, path), "utf8"))) {
      const reason = judge({
        path,
        specifier,
        manifest,
        rootManifest,
        manifests: [...manifests.values()],
        rules,
      });
      if (reason !== undefined) {
        violations.push({ path, line, reason });
      }
    }
  }
  return violations;
}

/**
 * @param {Violation} violation
 * @returns {string}
 */
export function formatViolation({ path, line, reason }) {
  return `${path}:${line}: ${reason}`;
}

/**
 * @param {string} folder
 * @returns {Promise<Manifest>}
 */
async function readManifest(folder) {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "{}");
  return JSON.parse(text);
}

/**
 * @param {string} root
 * @param {readonly string[]} folders
 * @returns {Promise<string[]>}
 */
async function sourceFiles(root, folders) {
  /** @type {string[]} */
  const files = [];
  for (const folder of folders) {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory() && !["node_modules", "dist"].includes(entry.name)) {
        files.push(...(await sourceFiles(root, [path])));
      } else if (entry.isFile() && /\.(m?ts|mjs)$/.test(entry.name)) {
        files.push(path);
      }
    }
  }
  return files.toSorted();
}
