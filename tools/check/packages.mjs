import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { npmCommand } from "../setup/node-packages.mjs";
import { run } from "../setup/process.mjs";
import { bin } from "./bin.mjs";
import { commandsPass, noProblems } from "./step.mjs";

/**
 * Packs what users would install, and checks those files rather than the folders they come from.
 *
 * @param {import("./step.mjs").CheckContext} context
 * @returns {Promise<import("./step.mjs").CheckResult>}
 */
export async function checkPackages({ places: { root, state }, python }) {
  const scratch = await mkdtemp(join(state, "packages-"));
  try {
    const results = [
      await checkLicenses(root),
      noProblems(versionProblems(await versionsIn(root))),
      await checkWheel(root, scratch, python),
    ];
    for (const folder of await publicPackages(root)) {
      results.push(await checkTarball(root, folder, scratch));
    }
    return {
      ok: results.every(({ ok }) => ok),
      output: results.map(({ output }) => output).join(""),
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * @param {string} root
 * @returns {Promise<string[]>} Folders, relative to `root`.
 */
async function publicPackages(root) {
  const folders = (await readdir(join(root, "packages"))).map((name) => `packages/${name}`);
  const manifests = await Promise.all(
    folders.map(async (folder) =>
      JSON.parse(await readFile(join(root, folder, "package.json"), "utf8")),
    ),
  );
  return folders.filter((_, index) => manifests[index].private !== true);
}

/**
 * @param {string} root
 * @returns {Promise<import("./step.mjs").CheckResult>}
 */
async function checkLicenses(root) {
  const license = await readFile(join(root, "LICENSE"), "utf8");
  /** @type {string[]} */
  const problems = [];
  for (const folder of [...(await publicPackages(root)), "python"]) {
    const copy = await readFile(join(root, folder, "LICENSE"), "utf8").catch(() => undefined);
    if (copy !== license) {
      problems.push(`${folder}/LICENSE differs from LICENSE`);
    }
  }
  return noProblems(problems);
}

/**
 * @param {string} root
 * @returns {Promise<[path: string, version: string][]>}
 */
async function versionsIn(root) {
  const project = await readFile(join(root, "python/pyproject.toml"), "utf8");
  /** @type {[string, string][]} */
  const versions = [["python/pyproject.toml", /^version = "(.*)"$/m.exec(project)?.[1] ?? "none"]];
  for (const folder of await publicPackages(root)) {
    const path = `${folder}/package.json`;
    versions.push([path, JSON.parse(await readFile(join(root, path), "utf8")).version]);
  }
  return versions;
}

/**
 * All packages are released together, under one version.
 *
 * @param {readonly [path: string, version: string][]} versions
 * @returns {string[]}
 */
export function versionProblems(versions) {
  const wanted = versions.at(-1)?.[1];
  return versions
    .filter(([, version]) => version !== wanted)
    .map(([path, version]) => `${path}: the version is ${version}, not ${wanted} as elsewhere`);
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {string} scratch
 * @returns {Promise<import("./step.mjs").CheckResult>}
 */
async function checkTarball(root, folder, scratch) {
  const [npm, ...npmArgs] = npmCommand();
  const packed = await run(
    npm,
    [...npmArgs, "pack", "--json", "--ignore-scripts", "--pack-destination", scratch],
    {
      cwd: join(root, folder),
    },
  );
  if (packed.code !== 0) {
    return { ok: false, output: packed.output };
  }
  const { filename, files } = tarballIn(packed.stdout);
  const content = noProblems(contentProblems(folder, files));
  const tarball = join(scratch, filename);
  const tools = await commandsPass(root, [
    [process.execPath, await bin(root, "publint"), "run", tarball, "--strict"],
    [
      process.execPath,
      await bin(root, "@arethetypeswrong/cli", "attw"),
      tarball,
      "--profile",
      "esm-only",
      "--no-definitely-typed",
      "--no-emoji",
    ],
  ]);
  return { ok: content.ok && tools.ok, output: content.output + tools.output };
}

/**
 * @param {string} json What `npm pack --json` prints: a list, or an object by package name.
 * @returns {{ filename: string, files: string[] }}
 */
function tarballIn(json) {
  /** @type {Readonly<Record<string, { filename: string, files: readonly { path: string }[] }>>} */
  const entries = JSON.parse(json);
  const [tarball] = Object.values(entries);
  if (tarball === undefined) {
    throw new Error("Cannot check packages: npm pack named no file");
  }
  return { filename: tarball.filename, files: tarball.files.map(({ path }) => path) };
}

/**
 * @param {string} folder
 * @param {readonly string[]} files
 * @returns {string[]}
 */
export function contentProblems(folder, files) {
  const missing = ["LICENSE", "README.md", "package.json"].filter((path) => !files.includes(path));
  const extra = files.filter((path) => {
    const isCode =
      /^(bundle|dist)\/.*\.(js|d\.ts)$/.test(path) && !/\.test(-d)?\.(js|d\.ts)$/.test(path);
    return !isCode && !["LICENSE", "README.md", "package.json"].includes(path);
  });
  return [
    ...missing.map((path) => `${folder}: the tarball lacks ${path}`),
    ...extra.map((path) => `${folder}: the tarball holds ${path}, which no user needs`),
    ...(files.some((path) => path.startsWith("dist/"))
      ? []
      : [`${folder}: the tarball holds no code`]),
  ];
}

/**
 * @param {string} root
 * @param {string} scratch
 * @param {string} python
 * @returns {Promise<import("./step.mjs").CheckResult>}
 */
async function checkWheel(root, scratch, python) {
  const built = await run(
    python,
    ["-m", "hatchling", "build", "--target", "wheel", "--directory", scratch],
    {
      cwd: join(root, "python"),
    },
  );
  const wheel = (await readdir(scratch)).find((name) => name.endsWith(".whl"));
  if (built.code !== 0 || wheel === undefined) {
    return { ok: false, output: built.output };
  }
  const listed = await run(python, ["-c", listWheel, join(scratch, wheel)]);
  return noProblems(wheelProblems(listed.stdout.split(/\r?\n/).filter((path) => path !== "")));
}

const listWheel = "import sys, zipfile; print('\\n'.join(zipfile.ZipFile(sys.argv[1]).namelist()))";

/**
 * @param {readonly string[]} files
 * @returns {string[]}
 */
export function wheelProblems(files) {
  const isWanted = (/** @type {string} */ path) =>
    /^amphis\/.*\.pyi?$/.test(path) || path === "amphis/py.typed" || path.includes(".dist-info/");
  const license = files.some((path) => /\.dist-info\/.*LICENSE$/.test(path));
  return [
    ...files
      .filter((path) => !isWanted(path))
      .map((path) => `python: the wheel holds ${path}, which no user needs`),
    ...(files.includes("amphis/py.typed") ? [] : ["python: the wheel lacks amphis/py.typed"]),
    ...(license ? [] : ["python: the wheel lacks LICENSE"]),
  ];
}
