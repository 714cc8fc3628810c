import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * @typedef {object} Question
 * @property {string} name Folder below `bench`.
 * @property {string} script What to run, relative to the repository.
 */

/**
 * Lists the questions of `bench/`: folders with a `main.mjs`, or a `main.ts` that the build has compiled.
 *
 * @param {string} root
 * @returns {Promise<Question[]>} In order of name.
 */
export async function listQuestions(root) {
  const names = (await readdir(join(root, "bench"))).toSorted();
  return names.flatMap((name) => {
    if (existsSync(join(root, "bench", name, "main.mjs"))) {
      return [{ name, script: `bench/${name}/main.mjs` }];
    }
    return existsSync(join(root, "bench", name, "main.ts"))
      ? [{ name, script: `bench/dist/${name}/main.js` }]
      : [];
  });
}
