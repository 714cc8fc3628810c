import { writeFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { run } from "./process.mjs";
import { digest } from "./stamp.mjs";
import { formatVersion } from "./version.mjs";

const requirements = "python/requirements-dev.txt";
/** NumPy and other libraries that tests hand data to; the package needs none of them. */
const dataRequirements = "python/requirements-data.txt";

/** Why the private environment could not be made, where everything but the Python tools works without it. */
export class PythonToolsUnavailableError extends Error {
  /** @override */
  name = "PythonToolsUnavailableError";
}

/**
 * Sums up what the private environment is made from.
 *
 * @param {string} root
 * @param {import("./interpreter.mjs").Interpreter} interpreter
 * @returns {Promise<string>}
 */
export async function pythonDigest(root, interpreter) {
  const files = [requirements, dataRequirements];
  return digest(root, files, [root, interpreter.path, formatVersion(interpreter.version)]);
}

const lookForTools =
  "import importlib.util as u, sys; sys.exit(any(u.find_spec(n) is None for n in ('pytest', 'mypy')))";

/**
 * Tells whether the environment still starts and holds the tools; its base interpreter may have gone.
 *
 * @param {string} venvPython
 * @returns {Promise<boolean>}
 */
export async function environmentStarts(venvPython) {
  return existsSync(venvPython) && (await run(venvPython, ["-c", lookForTools])).code === 0;
}

/**
 * Makes the private environment anew: the pinned development tools, and the sources of `amphis` on its path.
 *
 * @param {import("./root.mjs").Places} places
 * @param {import("./interpreter.mjs").Interpreter} interpreter
 * @param {import("./process.mjs").ToolOptions} options
 * @throws {PythonToolsUnavailableError} where the package index cannot be reached or Python lacks `venv`.
 * @throws {Error} where anything else fails, with the output.
 */
export async function makePythonEnvironment(places, interpreter, options) {
  await rm(places.venv, { recursive: true, force: true });
  const uv = await findUv();
  await (uv === undefined ? makeWithPip : makeWithUv(uv))(places, interpreter, options);
  await putSourcesOnPath(places);
}

/**
 * Adds the libraries that tests hand data to. Those tests are skipped where this fails; everything else works.
 *
 * @param {import("./root.mjs").Places} places
 * @param {import("./process.mjs").ToolOptions} options
 * @returns {Promise<boolean>} Whether they are there now.
 */
export async function addDataLibraries({ root, venvPython }, options) {
  const uv = await findUv();
  const pinned = ["--require-hashes", "--only-binary", ":all:", "-r", dataRequirements];
  const [command, args] =
    uv === undefined
      ? [venvPython, ["-m", "pip", "install", "--retries", "1", ...pinned]]
      : [uv, ["pip", "install", "--no-config", "--python", venvPython, ...pinned]];
  try {
    await expectSuccess(command, args, root, options);
    return true;
  } catch (error) {
    if (options.signal.aborted) throw error;
    return false;
  }
}

/**
 * @returns {Promise<string | undefined>}
 */
async function findUv() {
  const named = process.env["UV"];
  const program = named === undefined || named === "" ? "uv" : named;
  return (await run(program, ["--version"])).code === 0 ? program : undefined;
}

/**
 * @param {string} uv
 * @returns {typeof makeWithPip}
 */
function makeWithUv(uv) {
  return async ({ root, venv, venvPython }, interpreter, options) => {
    await expectSuccess(
      uv,
      ["venv", "--no-config", "--python", interpreter.path, venv],
      root,
      options,
    );
    const install = ["pip", "sync", "--no-config", "--python", venvPython, "--require-hashes"];
    await expectSuccess(uv, [...install, requirements], root, options);
  };
}

/**
 * @param {import("./root.mjs").Places} places
 * @param {import("./interpreter.mjs").Interpreter} interpreter
 * @param {import("./process.mjs").ToolOptions} options
 */
async function makeWithPip({ root, venv, venvPython }, interpreter, options) {
  await expectSuccess(interpreter.path, ["-m", "venv", venv], root, options);
  const install = [
    "-m",
    "pip",
    "install",
    "--require-hashes",
    "--only-binary",
    ":all:",
    "--retries",
    "1",
  ];
  await expectSuccess(venvPython, [...install, "-r", requirements], root, options);
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} root
 * @param {import("./process.mjs").ToolOptions} options
 */
async function expectSuccess(command, args, root, { show, signal, pidFile }) {
  const { code, output } = await run(command, args, { cwd: root, signal, pidFile });
  if (show) {
    process.stderr.write(output);
  }
  if (code === 0) {
    return;
  }
  if (/ensurepip is not available|No module named (venv|ensurepip)/.test(output)) {
    throw new PythonToolsUnavailableError(
      "this Python has no venv module. Install it (Debian: python3-venv), or uv",
    );
  }
  if (isNetworkFailure(output)) {
    throw new PythonToolsUnavailableError(
      "the package index cannot be reached. Connect to it once",
    );
  }
  throw new Error(
    `Cannot make the Python environment: ${command} ${args.join(" ")} failed with exit code ${code}\n${output.trimEnd()}`,
  );
}

/**
 * pip says "from versions: none" for an index that did not answer, after warnings about the connection.
 *
 * @param {string} output
 * @returns {boolean}
 */
function isNetworkFailure(output) {
  return /NewConnectionError|ConnectTimeout|ProxyError|NameResolutionError|Failed to fetch|dns error|error sending request|Connection (refused|reset)|Network is unreachable/i.test(
    output,
  );
}

/**
 * A path file is an editable installation without a build, so it needs neither network nor build backend.
 *
 * @param {import("./root.mjs").Places} places
 */
async function putSourcesOnPath({ root, venvPython }) {
  const { stdout } = await run(venvPython, [
    "-c",
    "import sysconfig; print(sysconfig.get_path('purelib'))",
  ]);
  await writeFile(join(stdout.trim(), "amphis.pth"), `${join(root, "python/src")}\n`);
}
