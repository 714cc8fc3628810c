import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

import { modulePlaces } from "./module-places.mjs";

/** Where the result lies, beside `dist`. A package is bundled when its manifest leads there. */
const folder = "bundle";

/** What has a file of its own because it is started by its path. */
const startedByPath = /-thread-entry\.js$/;

/**
 * `import` of a CommonJS file reads it twice more, for the names that it exports: four times the time. The package has the same as a
 * module, only under no name.
 */
const paths = { "@uwdata/flechette": "@uwdata/flechette/dist/flechette.mjs" };

/**
 * @typedef {object} Bundled
 * @property {string} home Folder of the package.
 * @property {readonly string[]} entries Compiled files that programs import or start, relative to `dist`.
 * @property {readonly string[]} dependencies Packages that stay outside: others import them too, and are to meet the same classes.
 */

/**
 * @typedef {object} Manifest
 * @property {Readonly<Record<string, { default: string }>>} [exports]
 * @property {Readonly<Record<string, string>>} [dependencies]
 * @property {Readonly<Record<string, string>>} [optionalDependencies]
 */

/**
 * Puts the compiled modules of a package together into few files: a program waits for each that it loads.
 *
 * Every module is in one file only, whichever subpath it is reached by, and what is imported dynamically is in a file of its own.
 *
 * @param {string} root
 * @throws {Error} with the messages of the bundler.
 */
export async function bundle(root) {
  for (const each of await bundledPackages(root)) await bundlePackage(each);
}

/**
 * Tells whether every package that is bundled has all files that programs import.
 *
 * @param {string} root
 * @returns {Promise<boolean>}
 */
export async function bundlesExist(root) {
  const all = await bundledPackages(root);
  return all.every(({ home, entries }) =>
    entries.every((entry) => existsSync(join(home, folder, entry))),
  );
}

/**
 * @param {string} root
 * @returns {Promise<readonly Bundled[]>}
 */
async function bundledPackages(root) {
  const homes = (await readdir(join(root, "packages"))).map((name) => join(root, "packages", name));
  const all = await Promise.all(homes.map(bundledPackage));
  return all.filter(({ entries }) => entries.length > 0);
}

/**
 * @param {string} home
 * @returns {Promise<Bundled>}
 */
async function bundledPackage(home) {
  /** @type {Manifest} */
  const manifest = JSON.parse(await readFile(join(home, "package.json"), "utf8"));
  const dependencies = { ...manifest.dependencies, ...manifest.optionalDependencies };
  return {
    home,
    entries: await entriesOf(home, manifest),
    dependencies: Object.keys(dependencies),
  };
}

/**
 * @param {string} home
 * @param {Manifest} manifest
 * @returns {Promise<string[]>} None where the package is not bundled.
 */
async function entriesOf(home, manifest) {
  const start = `./${folder}/`;
  const imported = Object.values(manifest.exports ?? {})
    .map((target) => target.default)
    .filter((path) => path.startsWith(start))
    .map((path) => path.slice(start.length));
  if (imported.length === 0) return [];
  const started = (await filesIn(join(home, "dist"))).filter((path) => startedByPath.test(path));
  return [...imported, ...started];
}

/**
 * @param {Bundled} what
 */
async function bundlePackage({ home, entries, dependencies }) {
  const dist = join(home, "dist");
  // Loaded here: a command may look for bundles before npm has installed what makes them.
  const { rolldown } = await import("rolldown");
  const build = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [stem(entry), join(dist, entry)])),
    cwd: home,
    platform: "node",
    external: (id) => id.startsWith("node:") || dependencies.some((name) => isOf(name, id)),
    plugins: [modulePlaces(dist)],
    treeshake: { moduleSideEffects: false },
    tsconfig: false,
    onLog(level, { message }) {
      // What is not found now would not be found by programs.
      if (level === "warn") throw new Error(`Cannot bundle ${home}: ${message}`);
    },
  });
  const fresh = join(home, `${folder}.${process.pid}`);
  try {
    await build.write({
      dir: fresh,
      entryFileNames: "[name].js",
      chunkFileNames: "shared/[name].js",
      comments: { annotation: true, jsdoc: false, legal: true },
      paths,
    });
    await replace(join(home, folder), fresh);
  } finally {
    await build.close();
    await rm(fresh, { recursive: true, force: true });
  }
}

/**
 * Puts files in place of others, one by one and what is imported before what imports it: programs that start meanwhile find what they need.
 *
 * @param {string} target
 * @param {string} fresh
 */
async function replace(target, fresh) {
  const files = await filesIn(fresh);
  const old = (await filesIn(target)).filter((file) => !files.includes(file));
  const isShared = (/** @type {string} */ file) => file.startsWith("shared/");
  for (const file of files.toSorted((a, b) => Number(isShared(b)) - Number(isShared(a)))) {
    await mkdir(dirname(join(target, file)), { recursive: true });
    await rename(join(fresh, file), join(target, file));
  }
  for (const file of old) await rm(join(target, file), { force: true });
}

/**
 * @param {string} from
 * @returns {Promise<string[]>} Relative to `from`, with slashes; none where there is no such folder.
 */
async function filesIn(from) {
  /** @type {string[]} */
  const files = [];
  for (const entry of await readdir(from, { withFileTypes: true }).catch(() => [])) {
    if (entry.isFile()) files.push(entry.name);
    if (!entry.isDirectory()) continue;
    const inner = await filesIn(join(from, entry.name));
    files.push(...inner.map((path) => `${entry.name}/${path}`));
  }
  return files;
}

/**
 * @param {string} file
 * @returns {string}
 */
function stem(file) {
  return file.replace(/\.js$/, "");
}

/**
 * @param {string} name
 * @param {string} id What a module imports.
 * @returns {boolean} Whether it is that package or a part of it.
 */
function isOf(name, id) {
  return id === name || id.startsWith(`${name}/`);
}
