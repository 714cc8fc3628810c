import { existsSync } from "node:fs";
import { join } from "node:path";

import { run } from "../setup/process.mjs";

/**
 * Lists the files that belong to the repository: tracked, or new and not ignored.
 *
 * @param {string} root
 * @returns {Promise<string[]>} Relative to `root`, with slashes.
 * @throws {Error} outside a git repository.
 */
export async function trackedFiles(root) {
  const { code, stdout, output } = await run(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    {
      cwd: root,
    },
  );
  if (code !== 0) {
    throw new Error(
      `Cannot list the files of the repository: git failed with exit code ${code}\n${output.trimEnd()}`,
    );
  }
  return stdout.split("\0").filter((path) => path !== "" && existsSync(join(root, path)));
}
