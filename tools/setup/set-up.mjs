import { join } from "node:path";

import { build, buildDigest, outputsExist } from "./build.mjs";
import { findInterpreter } from "./interpreter.mjs";
import { waitForLeftover } from "./leftover.mjs";
import { withLock } from "./lock.mjs";
import { buildNative, findCompiler, nativeDigest, nativeOutputsExist } from "./native.mjs";
import {
  installNodePackages,
  nodePackagesAreCurrent,
  nodePackagesDigest,
} from "./node-packages.mjs";
import { elapsed, Progress } from "./progress.mjs";
import {
  addDataLibraries,
  environmentStarts,
  makePythonEnvironment,
  pythonDigest,
  PythonToolsUnavailableError,
} from "./python-environment.mjs";
import { placesOf } from "./root.mjs";
import { Stamp } from "./stamp.mjs";
import { formatVersion } from "./version.mjs";

/**
 * @typedef {object} SetUpOptions
 * @property {"optional" | "required"} [pythonTools] Whether to fail where the development tools for Python cannot be
 *   installed. Default "optional", and always "required" where `CI` is set.
 * @property {"optional" | "required"} [build] Whether to fail where the sources do not compile. Default "required".
 * @property {boolean} [verbose] Shows the output of every tool. Default: whether the command line holds `--verbose`.
 *
 * @typedef {object} Ready
 * @property {string} python An interpreter for the base package: that of the private environment where there is one.
 * @property {string | undefined} pythonToolsMissing Why there are no development tools for Python; `undefined` where
 *   there are.
 *
 * @typedef {object} Context
 * @property {import("./root.mjs").Places} places
 * @property {Progress} progress
 * @property {import("./process.mjs").ToolOptions} tools
 */

const stepCount = 5;

/**
 * Brings a clone to where everything runs: packages installed, sources compiled, a private Python environment.
 * Does only what is not done yet. Safe to interrupt and to start twice at once; writes only below the repository.
 *
 * @param {SetUpOptions} [options]
 * @returns {Promise<Ready>}
 * @throws {Error} with one line that says what to do, followed by the output of the tool that failed.
 */
export async function setUp(options = {}) {
  const { verbose = process.argv.includes("--verbose") } = options;
  const toolsRequired = options.pythonTools === "required" || isSet(process.env["CI"]);
  const places = placesOf();
  const started = performance.now();
  const progress = new Progress({ total: stepCount, plain: verbose });
  const ready = await interruptible((signal) => {
    const pidFile = join(places.state, "tool.pid");
    const work = async () => {
      await waitForLeftover(pidFile, {
        signal,
        onWait: (pid) => progress.line(`· waiting for process ${pid} of an earlier set-up`),
      });
      const context = { places, progress, tools: { show: verbose, signal, pidFile } };
      return runSteps(context, { toolsRequired, buildRequired: options.build !== "optional" });
    };
    return withLock(join(places.state, "setup.lock"), work, {
      signal,
      onWait: (holder) => progress.line(`· waiting for the set-up that process ${holder} runs`),
    });
  });
  progress.line(`✓ set-up is current  ${elapsed(started)}`);
  return ready;
}

/**
 * @param {Context} context
 * @param {{ toolsRequired: boolean, buildRequired: boolean }} options
 * @returns {Promise<Ready>}
 */
async function runSteps(context, { toolsRequired, buildRequired }) {
  const interpreter = await checkVersions(context);
  await ensureNodePackages(context);
  await ensureBuild(context).catch((error) => {
    if (buildRequired || context.tools.signal.aborted) throw error;
    context.progress.line("! the sources do not compile; what follows sees the last build");
  });
  await ensureNative(context, interpreter);
  try {
    await ensurePythonEnvironment(context, interpreter);
    return { python: context.places.venvPython, pythonToolsMissing: undefined };
  } catch (error) {
    if (!(error instanceof PythonToolsUnavailableError)) {
      throw error;
    }
    const line = `Cannot install the Python development tools: ${error.message}`;
    if (toolsRequired) {
      throw new Error(line, { cause: error });
    }
    context.progress.line(`! ${line}; until then Python tests are skipped`);
    return { python: interpreter.path, pythonToolsMissing: error.message };
  }
}

/**
 * @param {Context} context
 */
async function checkVersions({ progress, tools }) {
  progress.skip();
  const interpreter = await findInterpreter();
  if (tools.show) {
    const python = `Python ${formatVersion(interpreter.version)} (${interpreter.path})`;
    progress.line(`✓ 1/${stepCount} Node ${process.versions.node}, ${python}`);
  }
  return interpreter;
}

/**
 * @param {Context} context
 */
async function ensureNodePackages({ places, progress, tools }) {
  const stamp = new Stamp(places.state, "npm");
  const wanted = await nodePackagesDigest(places.root);
  const manifestsAccepted = await stamp.matches(wanted);
  if (await nodePackagesAreCurrent(places.root, { manifestsAccepted })) {
    progress.skip();
    return;
  }
  await stamp.clear();
  await progress.step("install npm packages", () => installNodePackages(places.root, tools));
  await stamp.set(wanted);
}

/**
 * @param {Context} context
 */
async function ensureBuild({ places, progress, tools }) {
  const stamp = new Stamp(places.state, "build");
  const wanted = await buildDigest(places.root);
  if ((await stamp.matches(wanted)) && (await outputsExist(places.root))) {
    progress.skip();
    return;
  }
  await stamp.clear();
  await progress.step("build", () => build(places.root, tools));
  await stamp.set(wanted);
}

/**
 * @param {Context} context
 * @param {import("./interpreter.mjs").Interpreter} interpreter
 */
async function ensureNative({ places, progress, tools }, interpreter) {
  const { program, version } = await findCompiler();
  if (version === undefined) {
    progress.skip();
    progress.line(notBuilt(`no C compiler (${program}) found`));
    return;
  }
  const stamp = new Stamp(places.state, "native");
  const wanted = await nativeDigest(places.root, version, interpreter);
  if ((await stamp.matches(wanted)) && (await nativeOutputsExist(places.root))) {
    progress.skip();
    return;
  }
  await stamp.clear();
  const reasons = await progress.step("build the native core", () =>
    buildNative(places.root, interpreter, tools),
  );
  for (const reason of reasons) progress.line(notBuilt(reason));
  if (reasons.length === 0) await stamp.set(wanted);
}

/**
 * @param {string} reason
 * @returns {string}
 */
function notBuilt(reason) {
  return `! native core: not built: ${reason}; everything works, slower`;
}

/**
 * @param {Context} context
 * @param {import("./interpreter.mjs").Interpreter} interpreter
 */
async function ensurePythonEnvironment({ places, progress, tools }, interpreter) {
  const stamp = new Stamp(places.state, "python");
  const wanted = await pythonDigest(places.root, interpreter);
  if ((await stamp.matches(wanted)) && (await environmentStarts(places.venvPython))) {
    progress.skip();
    return;
  }
  await stamp.clear();
  const hasLibraries = await progress.step("make the Python environment", async () => {
    await makePythonEnvironment(places, interpreter, tools);
    return addDataLibraries(places, tools);
  });
  if (!hasLibraries) {
    progress.line("! NumPy and other data libraries cannot be installed; their tests are skipped");
  }
  await stamp.set(wanted);
}

/**
 * Ends the running tool on Ctrl-C or SIGTERM, lets `work` clean up, and fails with the exit code that shells expect.
 *
 * @template T
 * @param {(signal: AbortSignal) => Promise<T>} work
 * @returns {Promise<T>}
 */
async function interruptible(work) {
  const controller = new AbortController();
  let exitCode = 0;
  const stop = (/** @type {NodeJS.Signals} */ signal) => {
    exitCode = signal === "SIGINT" ? 130 : 143;
    controller.abort();
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted
      ? Object.assign(
          new Error("Cannot finish set-up: it was interrupted. Run the command again"),
          { exitCode },
        )
      : error;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/**
 * @param {string | undefined} variable
 * @returns {boolean}
 */
function isSet(variable) {
  return variable !== undefined && variable !== "" && variable !== "false" && variable !== "0";
}
