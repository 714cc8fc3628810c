import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { run } from "../setup/process.mjs";
import { publicSurface } from "./declarations.mjs";

/** Where the snapshot lies in the repository. */
export const snapshotPath = "exports.snapshot.md";

/**
 * Writes down everything that users can import: the declarations behind each subpath of each public package, and the
 * names of the Python package.
 *
 * @param {string} root A repository that is built.
 * @param {string} python
 * @returns {Promise<string>} Markdown.
 */
export async function snapshotOf(root, python) {
  const packages = (await readdir(join(root, "packages"))).toSorted();
  const sections = await Promise.all(
    packages.map((folder) => describePackage(join(root, "packages", folder))),
  );
  return [
    "<!-- Written by `npm run check -- exports --write`. A change here is a change for users and needs a changeset. -->",
    "# Public surface",
    ...sections.flat(),
    section("Python: amphis", "python", await pythonSurface(root, python)),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

/**
 * @param {string} folder
 * @returns {Promise<string[]>}
 */
async function describePackage(folder) {
  /** @type {{ name: string, private?: boolean, exports?: Record<string, { types: string }> }} */
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const subpaths = manifest.private === true ? [] : Object.entries(manifest.exports ?? {});
  return Promise.all(
    subpaths.map(async ([subpath, { types }]) => {
      const surface = await publicSurface(join(folder, types));
      return section(`${manifest.name}${subpath.slice(1)}`, "ts", [...surface.values()].join("\n"));
    }),
  );
}

/**
 * @param {string} title
 * @param {string} language
 * @param {string} body
 * @returns {string}
 */
function section(title, language, body) {
  return `## ${title}\n\n\`\`\`${language}\n${body}\n\`\`\``;
}

/**
 * @param {string} root
 * @param {string} python
 * @returns {Promise<string>}
 */
async function pythonSurface(root, python) {
  const { code, stdout, output } = await run(
    python,
    [join(root, "tools/exports/python_surface.py")],
    {
      cwd: root,
      env: { PYTHONPATH: join(root, "python/src") },
    },
  );
  if (code !== 0) {
    throw new Error(`Cannot describe the Python package: exit code ${code}\n${output}`);
  }
  return stdout.trimEnd();
}
