import { existsSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join, relative, sep } from "node:path";

import { bundle, bundlesExist } from "../bundle/bundle.mjs";
import { run } from "./process.mjs";
import { digest } from "./stamp.mjs";

const ignored = new Set(["node_modules", "bundle", "dist", ".amphis", ".venv"]);

/**
 * Sums up everything that the compiled packages depend on.
 *
 * @param {string} root
 * @returns {Promise<string>}
 */
export async function buildDigest(root) {
  const inputs = await filesOf(
    root,
    ["packages", "bench"],
    (path) => /\.(ts|mts|json|mjs)$/.test(path) && !isTest(path),
  );
  const facts = [process.platform, process.arch];
  return digest(
    root,
    [
      ...inputs,
      "package-lock.json",
      "tools/bundle/bundle.mjs",
      "tools/bundle/module-places.mjs",
      "tsconfig.base.json",
      "tsconfig.build.json",
    ],
    facts,
  );
}

/**
 * Tells whether every source has its compiled file, and each bundle is there.
 *
 * @param {string} root
 * @returns {Promise<boolean>}
 */
export async function outputsExist(root) {
  return (await everySourceIsCompiled(root)) && (await bundlesExist(root));
}

/**
 * Compiles every package and bundles those that are. What an earlier source left behind is removed first, so that `dist` never holds a stale file.
 *
 * @param {string} root
 * @param {import("./process.mjs").ToolOptions} options
 * @throws {Error} with the messages of the compiler.
 */
export async function build(root, { show, signal, pidFile }) {
  await removeStaleOutputs(root);
  if (!(await everySourceIsCompiled(root))) {
    await forgetBuilds(root);
  }
  const compiler = await compilerOf(root);
  const { code, output } = await run(process.execPath, [compiler, "-b", "tsconfig.build.json"], {
    cwd: root,
    show,
    signal,
    pidFile,
  });
  if (code !== 0) {
    throw new Error(`Cannot build: tsc failed with exit code ${code}\n${output.trimEnd()}`);
  }
  await bundle(root);
}

/**
 * @param {string} root
 * @returns {Promise<boolean>}
 */
async function everySourceIsCompiled(root) {
  const sources = await sourcesOf(root);
  return sources.every((source) => existsSync(join(root, outputOf(source))));
}

/**
 * @param {string} root
 * @returns {Promise<string>} The script that starts the compiler.
 */
export async function compilerOf(root) {
  const manifest = JSON.parse(
    await readFile(join(root, "node_modules/typescript/package.json"), "utf8"),
  );
  return join(root, "node_modules/typescript", manifest.bin.tsc);
}

/**
 * @param {string} root
 */
async function removeStaleOutputs(root) {
  const wanted = new Set(
    (await sourcesOf(root)).map((source) => outputOf(source).replace(/\.m?js$/, "")),
  );
  for (const dist of await distFolders(root)) {
    const outputs = (await listFiles(join(root, dist))).map((path) => `${dist}/${path}`);
    for (const output of outputs) {
      if (
        /\.(m?js|d\.m?ts)$/.test(output) &&
        !wanted.has(output.replace(/\.(m?js|d\.m?ts)$/, ""))
      ) {
        await rm(join(root, output));
      }
    }
  }
}

/**
 * The compiler trusts its own notes, not the folder: without them it writes every file again.
 *
 * @param {string} root
 */
async function forgetBuilds(root) {
  for (const dist of await distFolders(root)) {
    await rm(join(root, dist, ".tsbuildinfo"), { force: true });
  }
}

/**
 * @param {string} root
 * @returns {Promise<string[]>}
 */
async function distFolders(root) {
  const packages = await readdir(join(root, "packages"));
  const folders = [...packages.map((name) => `packages/${name}/dist`), "bench/dist"];
  return folders.filter((folder) => existsSync(join(root, folder)));
}

/**
 * @param {string} root
 * @returns {Promise<string[]>}
 */
async function sourcesOf(root) {
  return filesOf(root, ["packages", "bench"], (path) => {
    const compiled =
      /^packages\/[^/]+\/src\/.*\.ts$/.test(path) || /^bench\/[^/]+\/.*\.(ts|mjs)$/.test(path);
    return compiled && !path.endsWith(".d.ts") && !isTest(path);
  });
}

/**
 * @param {string} source
 * @returns {string}
 */
function outputOf(source) {
  return source
    .replace(/^(packages\/[^/]+)\/src\//, "$1/dist/")
    .replace(/^bench\//, "bench/dist/")
    .replace(/\.ts$/, ".js");
}

/**
 * @param {string} path
 * @returns {boolean}
 */
function isTest(path) {
  return /\.test(-d)?\.(ts|mjs)$/.test(path) || /^packages\/[^/]+\/test\//.test(path);
}

/**
 * @param {string} root
 * @param {readonly string[]} folders
 * @param {(path: string) => boolean} isWanted
 * @returns {Promise<string[]>} Relative to `root`, with slashes.
 */
async function filesOf(root, folders, isWanted) {
  const lists = await Promise.all(
    folders.map(async (folder) =>
      (await listFiles(join(root, folder))).map((path) => `${folder}/${path}`),
    ),
  );
  return lists.flat().filter(isWanted);
}

/**
 * @param {string} folder
 * @returns {Promise<string[]>} Relative to `folder`, with slashes; installed and compiled folders inside are passed over.
 */
async function listFiles(folder) {
  /** @type {string[]} */
  const files = [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !ignored.has(entry.name)) {
      files.push(...(await listFiles(path)).map((inner) => `${entry.name}/${inner}`));
    } else if (entry.isFile()) {
      files.push(relative(folder, path).split(sep).join("/"));
    }
  }
  return files;
}
