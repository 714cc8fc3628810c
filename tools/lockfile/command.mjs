import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { repositoryRoot } from "../setup/root.mjs";
import { completeLockfile } from "./complete.mjs";

/**
 * `npm run lockfile`: makes `package-lock.json` fit the manifests, for every platform.
 *
 * @returns {Promise<number>}
 */
export async function main() {
  const path = join(repositoryRoot, "package-lock.json");
  const lockfile = JSON.parse(await readFile(path, "utf8"));
  const added = completeLockfile(lockfile.packages);
  await writeFile(path, `${JSON.stringify(lockfile, null, 2)}\n`);
  process.stdout.write(`${added.length} packages of other platforms added to package-lock.json\n`);
  return 0;
}
