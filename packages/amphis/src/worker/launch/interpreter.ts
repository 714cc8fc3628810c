import { execFile } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, readSync, realpathSync } from "node:fs";
import { access, stat } from "node:fs/promises";
import { basename, delimiter, dirname, join, resolve } from "node:path";

import { pythonNotFound } from "./failure.ts";

/** Where to look for Python. */
export interface PythonQuery {
  /** Path or name of the only one that will do. @default what `AMPHIS_PYTHON` says, else the first that serves of those below */
  readonly python?: string | undefined;
  /** Folder whose `.venv` is looked into. @default that of this process */
  readonly cwd?: string | undefined;
  /** `AMPHIS_PYTHON`, `VIRTUAL_ENV`, `CONDA_PREFIX` and `PATH` are read. @default that of this process */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

export interface FoundPython {
  /** Absolute path, of the interpreter itself where what was found is a script that calls it. */
  readonly path: string;
  readonly version: string;
}

interface Candidate {
  readonly name: string;
  readonly from: string;
}

const OLDEST = [3, 10] as const;
const QUESTION = "import sys; print(sys.version.split()[0]); print(sys.executable)";
const PROBE_TIMEOUT_MS = 10_000;

/**
 * Finds a Python that is new enough.
 *
 * In order: the active virtual environment, the active environment of Conda, `.venv` in the working directory, `python3` and `python` in
 * PATH. Most tell their version in a file beside them or in their name; only the others are run.
 *
 * @throws {AmphisError} PYTHON_NOT_FOUND, with everything that was tried and why it does not serve
 */
export async function findPython(query: PythonQuery = {}): Promise<FoundPython> {
  const { env = process.env, cwd = process.cwd() } = query;
  const tried: string[] = [];
  for (const candidate of candidatesOf(query.python, env, cwd)) {
    const path = await locate(candidate.name, env, cwd);
    const answer = path === undefined ? "not found" : await examine(path, env);
    if (typeof answer !== "string") return answer;
    const place = path === undefined || path === candidate.name ? candidate.name : path;
    tried.push(`${place} (${candidate.from}): ${answer}`);
  }
  throw pythonNotFound(tried, tried.join("; "));
}

function candidatesOf(
  python: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): readonly Candidate[] {
  if (python !== undefined) return [{ name: python, from: "the option python" }];
  const asked = env["AMPHIS_PYTHON"] ?? "";
  if (asked !== "") return [{ name: asked, from: "AMPHIS_PYTHON" }];
  const inFolder = (folder: string | undefined, from: string): readonly Candidate[] =>
    folder === undefined || folder === "" ? [] : [{ name: join(folder, "bin", "python"), from }];
  return [
    ...inFolder(env["VIRTUAL_ENV"], "VIRTUAL_ENV"),
    ...inFolder(env["CONDA_PREFIX"], "CONDA_PREFIX"),
    ...inFolder(join(cwd, ".venv"), "working directory"),
    { name: "python3", from: "PATH" },
    { name: "python", from: "PATH" },
  ];
}

/** The file behind a path, or behind a name that is looked up as a shell does. */
async function locate(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<string | undefined> {
  if (name.includes("/")) {
    const path = resolve(cwd, name);
    return (await isExecutable(path)) ? path : undefined;
  }
  for (const folder of (env["PATH"] ?? "").split(delimiter)) {
    if (folder === "") continue;
    const path = resolve(cwd, folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** What an executable is: a Python that serves, or why it does not. */
async function examine(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<FoundPython | string> {
  const found = knownFrom(path) ?? (await ask(path, env));
  if (typeof found === "string") return found;
  const [major = 0, minor = 0] = found.version.split(".").map(Number);
  const isNew = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
  return isNew ? found : `Python ${found.version} is too old`;
}

/** A version that needs no process: of a virtual environment, or in the name of the file behind all links. */
function knownFrom(path: string): FoundPython | undefined {
  try {
    const settings = readFileSync(join(dirname(dirname(path)), "pyvenv.cfg"), "utf8");
    const [, version] = /^version(?:_info)?\s*=\s*(\d+\.\d+\S*)/mu.exec(settings) ?? [];
    if (version !== undefined) return { path, version };
  } catch {
    // It is of no virtual environment.
  }
  const [, version] = /^python(\d+\.\d+)$/u.exec(basename(realpathSync(path))) ?? [];
  return version === undefined || isScript(path) ? undefined : { path, version };
}

/** Version managers put scripts into PATH, each start of which takes longer than that of Python. */
function isScript(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(2);
    readSync(file, start, 0, 2, 0);
    return start.toString("latin1") === "#!";
  } finally {
    closeSync(file);
  }
}

function ask(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<FoundPython | string> {
  return new Promise((answer) => {
    const options = { env: { ...env }, timeout: PROBE_TIMEOUT_MS };
    execFile(path, ["-ES", "-c", QUESTION], options, (error, stdout, stderr) => {
      const [version = "", executable = ""] = stdout.trim().split(/\r?\n/u);
      if (error === null && executable !== "") answer({ path: executable, version });
      else answer(`it does not run as Python: ${whyNot(error, stderr)}`);
    });
  });
}

function whyNot(error: Error | null, stderr: string): string {
  const said = stderr.trim().split("\n").at(-1) ?? "";
  return said === "" ? (error?.message.split("\n")[0] ?? "it says nothing") : said;
}
