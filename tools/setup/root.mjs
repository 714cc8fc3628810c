import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const repositoryRoot = fileURLToPath(new URL("../../", import.meta.url));

/**
 * @typedef {object} Places
 * @property {string} root The repository.
 * @property {string} state Stamps, reports and scratch files; ignored by git.
 * @property {string} venv The private Python environment.
 * @property {string} venvPython The interpreter of that environment.
 */

/**
 * Says where everything lies in a repository. Nothing is ever written outside `root`.
 *
 * @param {string} [root]
 * @returns {Places}
 */
export function placesOf(root = repositoryRoot) {
  const venv = join(root, ".venv");
  const venvPython =
    process.platform === "win32"
      ? join(venv, "Scripts", "python.exe")
      : join(venv, "bin", "python");
  return { root, state: join(root, ".amphis"), venv, venvPython };
}
