import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { trackedFiles } from "../check/files.mjs";
import { fencesOf, replaceBodies } from "./document.mjs";
import { brokenLinks } from "./links.mjs";
import { regionOf } from "./region.mjs";

/**
 * Lists what is wrong in the Markdown files of the repository: links that lead nowhere, examples that differ from the
 * code they name.
 *
 * @param {string} root
 * @param {{ write: boolean }} options With `write`, examples that differ are brought up to date instead.
 * @returns {Promise<string[]>} One line each.
 */
export async function checkDocuments(root, { write }) {
  /** @type {string[]} */
  const problems = [];
  for (const path of (await trackedFiles(root)).filter((file) => file.endsWith(".md"))) {
    const markdown = await readFile(join(root, path), "utf8");
    for (const { target, line, reason } of await brokenLinks(root, path, markdown)) {
      problems.push(`${path}:${line}: link to ${target}: ${reason}`);
    }
    problems.push(...(await checkExamples(root, path, markdown, write)));
  }
  return problems;
}

/**
 * @param {string} root
 * @param {string} path
 * @param {string} markdown
 * @param {boolean} write
 * @returns {Promise<string[]>}
 */
async function checkExamples(root, path, markdown, write) {
  /** @type {string[]} */
  const problems = [];
  /** @type {Map<string, string>} */
  const fresh = new Map();
  for (const fence of fencesOf(markdown)) {
    const body = await bodyFor(root, fence);
    if (body === undefined) {
      problems.push(`${path}:${fence.line}: ${nameOf(fence)} does not exist`);
    } else if (body !== fence.body) {
      fresh.set(nameOf(fence), body);
      problems.push(...(write ? [] : [`${path}:${fence.line}: differs from ${nameOf(fence)}`]));
    }
  }
  if (write && fresh.size > 0) {
    await writeFile(
      join(root, path),
      replaceBodies(markdown, (fence) => fresh.get(nameOf(fence)) ?? fence.body),
    );
  }
  return problems;
}

/**
 * @param {string} root
 * @param {import("./document.mjs").Fence} fence
 * @returns {Promise<string | undefined>}
 */
async function bodyFor(root, { file, region }) {
  const text = await readFile(join(root, file), "utf8").catch(() => undefined);
  return text === undefined || region === undefined ? text?.trimEnd() : regionOf(text, region);
}

/**
 * @param {import("./document.mjs").Fence} fence
 * @returns {string}
 */
function nameOf({ file, region }) {
  return region === undefined ? file : `${file}#${region}`;
}
