import { join } from "node:path";

import { run } from "../setup/process.mjs";
import { repositoryRoot } from "../setup/root.mjs";

/** What `npm start` shows when it is not told otherwise. */
export const FIRST_STORY = "tour";

/**
 * Runs a story of `examples/` and shows what it prints.
 *
 * @param {string} story
 * @param {string} python
 * @param {readonly string[]} args
 * @returns {Promise<number>} Its exit code.
 */
export async function runStory(story, python, args) {
  const { code } = await run(process.execPath, [`examples/${story}/main.mjs`, ...args], {
    cwd: repositoryRoot,
    env: { AMPHIS_PYTHON: python, PYTHONPATH: join(repositoryRoot, "python/src") },
    show: true,
  });
  return code;
}
