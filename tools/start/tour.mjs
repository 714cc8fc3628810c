import { join } from "node:path";

import { run } from "../setup/process.mjs";
import { repositoryRoot } from "../setup/root.mjs";

/**
 * Shows the protocol at work between TypeScript and Python.
 *
 * @param {string} python
 * @param {readonly string[]} args
 * @returns {Promise<number>} The exit code of the tour.
 */
export async function runTour(python, args) {
  const { code } = await run(process.execPath, ["examples/protocol-tour/main.mjs", ...args], {
    cwd: repositoryRoot,
    env: { AMPHIS_PYTHON: python, PYTHONPATH: join(repositoryRoot, "python/src") },
    show: true,
  });
  return code;
}
