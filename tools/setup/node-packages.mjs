import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";

import { run } from "./process.mjs";
import { digest } from "./stamp.mjs";

/**
 * @typedef {object} LockEntry
 * @property {string} [version]
 * @property {string} [integrity]
 * @property {boolean} [link]
 * @property {boolean} [optional]
 * @property {boolean} [peer]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 * @property {readonly string[]} [libc]
 *
 * @typedef {Readonly<Record<string, LockEntry>>} LockEntries By folder, such as `node_modules/vitest`.
 */

/**
 * Sums up what an installation is made from.
 *
 * @param {string} root
 * @returns {Promise<string>}
 */
export async function nodePackagesDigest(root) {
  const entries = (await readEntries(join(root, "package-lock.json"))) ?? {};
  const manifests = workspacesIn(entries).map((folder) => join(folder, "package.json"));
  return digest(root, ["package-lock.json", ...manifests]);
}

/**
 * Tells whether `node_modules` holds exactly what the lockfile says. npm writes its own record last, so an interrupted
 * installation has none; folders removed since then show by their absence.
 *
 * @param {string} root
 * @param {{ manifestsAccepted: boolean }} options Whether npm has installed for the manifests as they are before;
 *   otherwise they must say the same as the lockfile, word for word.
 * @returns {Promise<boolean>}
 */
export async function nodePackagesAreCurrent(root, { manifestsAccepted }) {
  const wanted = await readEntries(join(root, "package-lock.json"));
  const installed = await readEntries(join(root, "node_modules/.package-lock.json"));
  if (wanted === undefined || installed === undefined) {
    return false;
  }
  if (!manifestsAccepted && !(await manifestsAgree(root, wanted))) {
    return false;
  }
  return Object.entries(wanted)
    .filter(([folder, entry]) => folder.includes("node_modules/") && isForThisMachine(entry))
    .every(([folder, entry]) => {
      const found = installed[folder];
      const same = entry.integrity === undefined || found?.integrity === entry.integrity;
      return (
        same && found?.version === entry.version && existsSync(join(root, folder, "package.json"))
      );
    });
}

/**
 * Installs what the lockfile says, and nothing else.
 *
 * @param {string} root
 * @param {import("./process.mjs").ToolOptions} options
 * @throws {Error} with the output of npm.
 */
export async function installNodePackages(root, { show, signal, pidFile }) {
  const [command, ...args] = npmCommand();
  const { code, output } = await run(
    command,
    [...args, "ci", "--include=dev", "--prefer-offline"],
    {
      cwd: root,
      show,
      signal,
      pidFile,
    },
  );
  if (code !== 0) {
    const reason = isNetworkFailure(output)
      ? "the npm registry cannot be reached. Connect to it once, then run the command again"
      : `npm ci failed with exit code ${code}`;
    throw new Error(`Cannot install npm packages: ${reason}\n${output.trimEnd()}`);
  }
}

/**
 * @returns {[command: string, ...args: string[]]} npm as started by this very process where there is one.
 */
export function npmCommand() {
  const path = process.env["npm_execpath"];
  if (path !== undefined && basename(path) === "npm-cli.js") {
    return [process.execPath, path];
  }
  return process.platform === "win32" ? ["cmd.exe", "/d", "/s", "/c", "npm"] : ["npm"];
}

/**
 * @param {string} output
 * @returns {boolean}
 */
function isNetworkFailure(output) {
  return /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED)\b/.test(
    output,
  );
}

/**
 * @param {string} path
 * @returns {Promise<LockEntries | undefined>}
 */
async function readEntries(path) {
  try {
    return JSON.parse(await readFile(path, "utf8")).packages;
  } catch {
    return undefined; // absent or damaged: npm ci will say so, or repair it
  }
}

/**
 * @param {string} root
 * @param {LockEntries} wanted
 * @returns {Promise<boolean>} Whether the lockfile was made from the manifests as they are.
 */
async function manifestsAgree(root, wanted) {
  for (const folder of workspacesIn(wanted)) {
    const text = await readFile(join(root, folder, "package.json"), "utf8").catch(() => "{}");
    const manifest = JSON.parse(text);
    const locked = /** @type {Record<string, unknown>} */ (wanted[folder]);
    for (const field of [
      "dependencies",
      "devDependencies",
      "peerDependencies",
      "optionalDependencies",
    ]) {
      if (JSON.stringify(sorted(manifest[field])) !== JSON.stringify(sorted(locked[field]))) {
        return false;
      }
    }
  }
  return true;
}

/**
 * @param {LockEntries} entries
 * @returns {string[]} Folders; "" is the repository itself.
 */
function workspacesIn(entries) {
  return Object.keys(entries).filter((folder) => !folder.includes("node_modules/"));
}

/**
 * @param {unknown} ranges
 * @returns {[string, unknown][]}
 */
function sorted(ranges) {
  return Object.entries(ranges ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * @param {LockEntry} entry
 * @returns {boolean}
 */
function isForThisMachine({ optional = false, os, cpu, libc }) {
  if (!optional) {
    return true;
  }
  const named = os !== undefined || cpu !== undefined; // other optional packages may be absent for any reason
  return named && allows(os, process.platform) && allows(cpu, process.arch) && allowsLibc(libc);
}

/**
 * @param {readonly string[] | undefined} list Names, or names to avoid such as `!win32`.
 * @param {string} value
 * @returns {boolean}
 */
function allows(list, value) {
  if (list === undefined) {
    return true;
  }
  return (
    list.includes(value) ||
    (list.every((name) => name.startsWith("!")) && !list.includes(`!${value}`))
  );
}

/** @type {string | undefined} */
let libcOfThisMachine;

/**
 * @param {readonly string[] | undefined} list
 * @returns {boolean}
 */
function allowsLibc(list) {
  if (list === undefined || process.platform !== "linux") {
    return true;
  }
  if (libcOfThisMachine === undefined) {
    Object.assign(process.report, { excludeNetwork: true }); // the report would look up host names otherwise
    const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (
      process.report.getReport()
    );
    libcOfThisMachine = header.glibcVersionRuntime === undefined ? "musl" : "glibc";
  }
  return allows(list, libcOfThisMachine);
}
