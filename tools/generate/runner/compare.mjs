import { readFile, readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/**
 * @typedef {object} Difference
 * @property {"changed" | "missing" | "stale"} kind `missing` from the repository, or `stale` in it.
 * @property {string} path Relative to the repository, with slashes.
 */

/**
 * Lists where a repository differs from freshly generated files.
 *
 * @param {string} root
 * @param {import("./generator.mjs").GeneratedFiles} files
 * @param {readonly string[]} outputs Folders in which nothing but `files` may lie.
 * @returns {Promise<Difference[]>} In order of path.
 */
export async function compare(root, files, outputs) {
  /** @type {Difference[]} */
  const differences = [];
  for (const [path, content] of files) {
    const committed = await readFile(join(root, path)).catch(absent);
    if (committed === undefined) {
      differences.push({ kind: "missing", path });
    } else if (!committed.equals(Buffer.from(content))) {
      differences.push({ kind: "changed", path });
    }
  }
  for (const output of outputs) {
    const stale = (await filesBelow(root, output)).filter((path) => !files.has(path));
    differences.push(...stale.map((path) => ({ kind: /** @type {const} */ ("stale"), path })));
  }
  return differences.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {Promise<string[]>}
 */
async function filesBelow(root, folder) {
  const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(
    absent,
  );
  return (entries ?? [])
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".pyc"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

/**
 * @param {NodeJS.ErrnoException} error
 * @returns {undefined}
 */
function absent(error) {
  if (error.code !== "ENOENT") {
    throw error;
  }
}
