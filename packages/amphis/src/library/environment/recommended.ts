import { access, constants, readdir } from "node:fs/promises";
import { delimiter, isAbsolute, resolve } from "node:path";

import { AmphisError } from "@amphis/protocol";

import { findPython } from "../../worker/index.ts";
import type { Installer, InstallerContext } from "./installer.ts";
import { askInterpreter, type Interpreter, notFound, pathOfPython } from "./interpreter.ts";
import { PipInstaller } from "./pip.ts";
import type { Wanted } from "./request.ts";
import { runTool, type ToolSurroundings } from "./tool.ts";
import { UvInstaller } from "./uv.ts";
import { parseVersion } from "./version.ts";
import { wheelStore } from "./wheel-store.ts";

/** A uv that runs. */
export interface Uv {
  readonly path: string;
  readonly version: string;
}

/** The first pip that tells what it would install in a form that stays. */
const OLDEST_PIP = 23;

/**
 * The uv of this machine: the one that AMPHIS_UV names, else the one in PATH.
 *
 * @throws {AmphisError} ENVIRONMENT_TOOL_MISSING when the one that is named does not run, or uv was asked for and is not there
 */
export async function findUv(
  tool: Wanted["tool"],
  surroundings: ToolSurroundings,
  own: Readonly<Record<string, string | undefined>>,
): Promise<Uv | undefined> {
  if (tool === "pip") return undefined;
  const named = own["AMPHIS_UV"] ?? "";
  const path = named === "" ? await inPath("uv", surroundings) : named;
  if (path === undefined) {
    if (tool === "uv") throw toolMissing(["uv: it is not in PATH, and AMPHIS_UV is not set"]);
    return undefined;
  }
  const end = await runTool(path, ["--version"], surroundings).catch((error: Error) => {
    surroundings.signal?.throwIfAborted();
    return { exitCode: -1, stdout: "", stderr: error.message };
  });
  const [, version] = /^uv (\S+)/u.exec(end.stdout) ?? [];
  if (version !== undefined) return { path, version };
  if (named === "" && tool === undefined) return undefined;
  throw toolMissing([`${path}: it does not run as uv: ${end.stderr.trim()}`]);
}

async function inPath(name: string, { env, cwd }: ToolSurroundings): Promise<string | undefined> {
  const file = process.platform === "win32" ? `${name}.exe` : name;
  for (const folder of (env["PATH"] ?? "").split(delimiter)) {
    const path = resolve(cwd, folder, file);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder !== "" && isThere) return path;
  }
  return undefined;
}

/**
 * The Python that an environment is made of.
 *
 * @throws {AmphisError} PYTHON_NOT_FOUND
 */
export async function findInterpreter(
  { pythonPath, pythonVersion, pythonDownloads }: Wanted,
  locked: string | undefined,
  uv: Uv | undefined,
  surroundings: ToolSurroundings,
  own: Readonly<Record<string, string | undefined>>,
): Promise<Interpreter> {
  if (pythonPath !== undefined) {
    const path = isAbsolute(pythonPath)
      ? await pathExactly(pythonPath)
      : (await findPython({ env: own, cwd: surroundings.cwd, python: pythonPath })).path;
    return askInterpreter(path, surroundings);
  }
  const wanted = pythonVersion ?? locked;
  try {
    const path = await pathOfPython(wanted, { env: own, cwd: surroundings.cwd });
    return await askInterpreter(path, surroundings);
  } catch (error) {
    const path =
      uv === undefined || wanted === undefined
        ? undefined
        : await pythonOfUv(uv, wanted, pythonDownloads, surroundings);
    if (path === undefined) throw error;
    return askInterpreter(path, surroundings);
  }
}

async function pathExactly(path: string): Promise<string> {
  await access(path, constants.X_OK).catch(() => {
    throw notFound(path, [`${path}: it does not exist, or may not be executed`]);
  });
  return path;
}

async function pythonOfUv(
  { path }: Uv,
  version: string,
  mayDownload: boolean,
  surroundings: ToolSurroundings,
): Promise<string | undefined> {
  const find = ["python", "find", version, "--managed-python", "--no-python-downloads"];
  const found = await runTool(path, find, surroundings);
  if (found.exitCode === 0) return found.stdout.trim();
  if (!mayDownload) return undefined;
  const env = { ...surroundings.env, UV_PYTHON_INSTALL_BIN: "0" };
  const loaded = await runTool(path, ["python", "install", version], { ...surroundings, env });
  if (loaded.exitCode !== 0) throw notFound(version, [`uv: ${loaded.stderr.trim()}`]);
  return (await runTool(path, find, surroundings)).stdout.trim();
}

/**
 * The tool that environments are made with: uv where it is, else pip of the Python that they are made of.
 *
 * @throws {AmphisError} ENVIRONMENT_TOOL_MISSING
 */
export async function recommendedInstaller(
  uv: Uv | undefined,
  context: InstallerContext,
): Promise<Installer> {
  if (uv !== undefined) return new UvInstaller(uv.path, uv.version, context);
  const { interpreter, env } = context;
  const version = await pipOf(interpreter);
  const [major = 0] = parseVersion(version)?.release ?? [];
  if (major >= OLDEST_PIP) return new PipInstaller(version, context, wheelStore(env));
  const found = version === "" ? "it has no pip" : `its pip ${version} is too old`;
  throw toolMissing([`uv: it is not in PATH`, `${interpreter.executable}: ${found}`]);
}

/** pip takes long to say it itself. */
async function pipOf({ packages }: Interpreter): Promise<string> {
  for (const root of packages) {
    const names = await readdir(root).catch(() => []);
    const versions = names.flatMap((name) => /^pip-([^-]+)\.dist-info$/u.exec(name)?.[1] ?? []);
    if (versions[0] !== undefined) return versions[0];
  }
  return "";
}

function toolMissing(tried: readonly string[]): AmphisError<"ENVIRONMENT_TOOL_MISSING"> {
  const message = `Cannot make environments: ${tried.join("; ")}. Install uv, or a Python with pip ${OLDEST_PIP} or newer`;
  return new AmphisError("ENVIRONMENT_TOOL_MISSING", message, { tried: [...tried] });
}
