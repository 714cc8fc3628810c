import { copyFile, readdir, rename } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";

import { run } from "./process.mjs";
import { digest } from "./stamp.mjs";

const builder = "packages/native/dist/build.js";
const extension = "_core.abi3.so";
const extensionPlace = `python/src/amphis/_internal/native/${extension}`;

/**
 * Asks the C compiler which it is.
 *
 * @param {Readonly<Record<string, string | undefined>>} [environment] `CC` names it.
 * @returns {Promise<{ program: string, version: string | undefined }>} No version: it does not run.
 */
export async function findCompiler(environment = process.env) {
  const program = environment["CC"] || "cc";
  const { code, stdout } = await run(program, ["--version"], { env: environment });
  return { program, version: code === 0 ? stdout.trim() : undefined };
}

/**
 * Sums up everything that the native core is built from.
 *
 * @param {string} root
 * @param {string} compiler What it says of itself.
 * @param {import("./interpreter.mjs").Interpreter} interpreter Its headers are used.
 * @returns {Promise<string>}
 */
export async function nativeDigest(root, compiler, interpreter) {
  const sources = await readdir(join(root, "native")).catch(() => []);
  const files = sources.filter((name) => /\.[ch]$/.test(name)).map((name) => `native/${name}`);
  const steps = ["build", "compile", "place"].map((name) => `packages/native/src/${name}.ts`);
  const facts = [process.platform, process.arch, compiler, interpreter.path];
  return digest(root, [...files, ...steps, "package-lock.json"], facts);
}

/**
 * Tells whether the addon, the launcher and the Python extension are where they are looked for.
 *
 * @param {string} root
 * @returns {Promise<boolean>}
 */
export async function nativeOutputsExist(root) {
  const folder = join(root, "packages/native/build");
  const builds = await readdir(folder).catch(() => []);
  const ours = builds.filter((name) => name.startsWith(`${process.platform}-${process.arch}-`));
  const wanted = ["amphis.node", "amphis-launch", extension];
  return (
    existsSync(join(root, extensionPlace)) &&
    ours.some((name) => wanted.every((file) => existsSync(join(folder, name, file))))
  );
}

/**
 * Builds the native core, and puts the Python extension beside the Python sources, where programs find it that are
 * started from the repository.
 *
 * @param {string} root
 * @param {import("./interpreter.mjs").Interpreter} interpreter
 * @param {import("./process.mjs").ToolOptions} options
 * @returns {Promise<string[]>} Why parts of it are missing, each reason once; everything works without them.
 */
export async function buildNative(root, interpreter, { signal, pidFile }) {
  const { code, output } = await run(process.execPath, [join(root, builder)], {
    cwd: root,
    env: { AMPHIS_PYTHON: interpreter.path },
    signal,
    pidFile,
  });
  signal.throwIfAborted();
  const lines = output.trimEnd().split(/\r?\n/);
  const built = lines.filter((line) => line.startsWith("built ")).map((line) => line.slice(6));
  const made = built.find((path) => basename(path) === extension);
  if (made !== undefined) {
    await place(made, join(root, extensionPlace));
  }
  const reasons = lines.flatMap((line) => /^(?:unavailable|failed) (.*)$/.exec(line)?.[1] ?? []);
  return code !== 0 && reasons.length === 0 ? [lines.at(-1) ?? ""] : [...new Set(reasons)];
}

/**
 * A process that has the file mapped keeps the old one.
 *
 * @param {string} from
 * @param {string} to
 */
async function place(from, to) {
  const fresh = `${to}.${process.pid}`;
  await copyFile(from, fresh);
  await rename(fresh, to);
}
