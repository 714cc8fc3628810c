import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { run } from "../../setup/process.mjs";
import { placesOf } from "../../setup/root.mjs";
import { compare } from "./compare.mjs";

/**
 * Lists the generators of a repository: every `tools/generate/<name>.mjs`.
 *
 * @param {string} root
 * @returns {Promise<string[]>}
 */
export async function generatorNames(root) {
  const entries = await readdir(join(root, "tools/generate"));
  return entries
    .filter((name) => name.endsWith(".mjs") && !name.endsWith(".test.mjs"))
    .map((name) => name.slice(0, -".mjs".length))
    .toSorted();
}

/**
 * Runs one generator and compares its files with the repository.
 *
 * @param {string} root
 * @param {string} name
 * @param {{ write: boolean }} options With `write`, the repository gets the fresh files and loses the stale ones.
 * @returns {Promise<import("./compare.mjs").Difference[]>} What was wrong before anything was written.
 * @throws {Error} where the generator fails.
 */
export async function generate(root, name, { write }) {
  const { state, venvPython } = placesOf(root);
  await mkdir(state, { recursive: true });
  const scratch = await mkdtemp(join(state, `generate-${name}-`));
  try {
    const generator = await load(root, name);
    const files = await generator.generate(folderUrl(root), {
      python: venvPython,
      scratch: folderUrl(scratch),
      exec: execIn(root),
    });
    const differences = await compare(root, files, generator.outputs ?? []);
    if (write) {
      await apply(root, files, differences);
    }
    return differences;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @returns {URL}
 */
function folderUrl(folder) {
  return pathToFileURL(join(folder, "/"));
}

/**
 * @param {string} root
 * @param {string} name
 * @returns {Promise<import("./generator.mjs").Generator>}
 */
async function load(root, name) {
  /** @type {Partial<import("./generator.mjs").Generator>} */
  const { generate: function_, outputs = [] } = await import(
    pathToFileURL(join(root, "tools/generate", `${name}.mjs`)).href
  );
  if (function_ === undefined) {
    throw new Error(
      `Cannot generate ${name}: tools/generate/${name}.mjs does not export "generate"`,
    );
  }
  return { generate: function_, outputs };
}

/**
 * @param {string} root
 * @returns {import("./generator.mjs").GeneratorTools["exec"]}
 */
function execIn(root) {
  return async (command, args, options = {}) => {
    const { code, stdout, output } = await run(command, args, { cwd: root, ...options });
    if (code !== 0) {
      throw new Error(`Cannot run ${command} ${args.join(" ")}: exit code ${code}\n${output}`);
    }
    return stdout;
  };
}

/**
 * @param {string} root
 * @param {import("./generator.mjs").GeneratedFiles} files
 * @param {readonly import("./compare.mjs").Difference[]} differences
 */
async function apply(root, files, differences) {
  for (const { path } of differences) {
    const content = files.get(path);
    if (content === undefined) {
      await rm(join(root, path));
    } else {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
  }
}
