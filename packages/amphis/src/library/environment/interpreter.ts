import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { AmphisError, isAmphisError } from "@amphis/protocol";

import { findPython } from "../../worker/index.ts";
import type { MarkerEnvironment } from "./marker.ts";
import { runTool, type ToolSurroundings } from "./tool.ts";

/** A Python as it describes itself. */
export interface Interpreter {
  readonly executable: string;
  /** `3.12.4` */
  readonly version: string;
  /** Folder that it, or its virtual environment, is in. */
  readonly prefix: string;
  /** Where packages are, without repetition. */
  readonly packages: readonly string[];
  readonly markers: MarkerEnvironment;
  /** What builds are made for: `linux-x86_64`, `linux-x86_64-musl`, `darwin-arm64`. */
  readonly platform: string;
}

const QUESTION = `
import json, os, platform, sys, sysconfig
def full(info):
    kind = info.releaselevel
    text = "%d.%d.%d" % (info.major, info.minor, info.micro)
    return text if kind == "final" else text + kind[0] + str(info.serial)
musl = "musl" in (sysconfig.get_config_var("SOABI") or "") + (sysconfig.get_config_var("HOST_GNU_TYPE") or "")
markers = {
    "implementation_name": sys.implementation.name,
    "implementation_version": full(sys.implementation.version),
    "os_name": os.name,
    "platform_machine": platform.machine(),
    "platform_python_implementation": platform.python_implementation(),
    "platform_release": platform.release(),
    "platform_system": platform.system(),
    "platform_version": platform.version(),
    "python_full_version": platform.python_version(),
    "python_version": "%d.%d" % sys.version_info[:2],
    "sys_platform": sys.platform,
}
paths = sysconfig.get_paths()
packages = [paths["purelib"], paths["platlib"]]
packages += [folder for folder in sys.path if folder.endswith(("site-packages", "dist-packages"))]
print(json.dumps({
    "executable": sys.executable,
    "version": platform.python_version(),
    "prefix": sys.prefix,
    "packages": list(dict.fromkeys(packages)),
    "markers": markers,
    "platform": "-".join([sys.platform, platform.machine().lower()] + (["musl"] if musl else [])),
}))
`;

/**
 * Asks a Python what it is.
 *
 * @throws {AmphisError} PYTHON_NOT_FOUND when it does not answer as one
 */
export async function askInterpreter(
  path: string,
  surroundings: ToolSurroundings,
): Promise<Interpreter> {
  const result = await runTool(path, ["-I", "-c", QUESTION], surroundings);
  const answer = result.exitCode === 0 ? parseAnswer(result.stdout) : undefined;
  if (answer === undefined) {
    const said = result.stderr.trim().split("\n").at(-1) ?? "";
    throw notFound(path, [`${path}: it does not run as Python: ${said || "it says nothing"}`]);
  }
  return answer;
}

function parseAnswer(text: string): Interpreter | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isInterpreter(answer) ? answer : undefined;
}

function isInterpreter(value: unknown): value is Interpreter {
  if (typeof value !== "object" || value === null) return false;
  const { executable, version, prefix, packages, markers, platform } =
    value as Partial<Interpreter>;
  const texts: readonly unknown[] = [executable, version, prefix, platform];
  return (
    texts.every((text) => typeof text === "string" && text !== "") &&
    Array.isArray(packages) &&
    packages.every((folder) => typeof folder === "string") &&
    typeof markers === "object" &&
    markers !== null &&
    Object.values(markers).every((text) => typeof text === "string")
  );
}

/** `3.12` of `3.12.4`. */
export function minorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

/** Whether a version of Python is one that was asked for: `3.12` takes any `3.12.x`. */
export function isVersion(version: string, wanted: string): boolean {
  return version === wanted || version.startsWith(`${wanted}.`);
}

/**
 * The path of a Python of a version, or of any that serves.
 *
 * Looked into, in order: what Amphis takes for its workers when that has the version, `pythonX.Y` in PATH, and the versions of pyenv. The
 * scripts that pyenv puts into PATH refuse to run for versions that are not switched on, which is why its folders are looked into as well.
 *
 * @throws {AmphisError} PYTHON_NOT_FOUND with everything that was tried
 */
export async function pathOfPython(
  wanted: string | undefined,
  { env, cwd }: ToolSurroundings,
): Promise<string> {
  if (wanted === undefined) return (await findPython({ env, cwd })).path;
  const tried: string[] = [];
  for (const candidate of await candidates(wanted, env)) {
    try {
      const found = await findPython({ env, cwd, python: candidate });
      if (isVersion(found.version, wanted)) return found.path;
      tried.push(`${found.path}: it is Python ${found.version}`);
    } catch (error) {
      if (!isAmphisError(error, "PYTHON_NOT_FOUND")) throw error;
      tried.push(...error.tried);
    }
  }
  throw notFound(wanted, tried);
}

async function candidates(
  wanted: string,
  env: ToolSurroundings["env"],
): Promise<readonly (string | undefined)[]> {
  const root = join(env["PYENV_ROOT"] ?? join(env["HOME"] ?? homedir(), ".pyenv"), "versions");
  const versions = (await readdir(root).catch(() => []))
    .filter((version) => isVersion(version, wanted))
    .sort(new Intl.Collator("en", { numeric: true }).compare)
    .reverse();
  return [
    undefined,
    `python${minorOf(wanted)}`,
    ...versions.map((version) => join(root, version, "bin", `python${minorOf(wanted)}`)),
  ];
}

export function notFound(
  wanted: string,
  tried: readonly string[],
): AmphisError<"PYTHON_NOT_FOUND"> {
  const reason = tried.join("; ") || "nothing is there to look at";
  const message = `Cannot find Python ${wanted}: ${reason}. Install it, name the path of one in python, or let uv fetch it with pythonDownloads`;
  return new AmphisError("PYTHON_NOT_FOUND", message, { tried: [...tried], reason });
}
