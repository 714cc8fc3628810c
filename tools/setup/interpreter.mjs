import { run } from "./process.mjs";
import { formatVersion, isAtLeast, oldestPython, parseVersion } from "./version.mjs";

/**
 * @typedef {object} Interpreter
 * @property {string} path The real interpreter, behind shims and links.
 * @property {import("./version.mjs").Version} version
 *
 * @typedef {{ kind: "found", interpreter: Interpreter } | { kind: "too old", version: string } | { kind: "broken" }} Probe
 */

/** Asked in this order; a shim that exists but does not run is passed over. */
const candidates = [
  ["python3.13"],
  ["python3.12"],
  ["python3.11"],
  ["python3.10"],
  ["python3"],
  ["python"],
  ...(process.platform === "win32" ? [["py", "-3"]] : []),
];

/** The interpreter behind a virtual environment: the one that is asked may lie in the very environment that is to be made anew. */
const question =
  "import sys; print(sys.version.split()[0]); print(getattr(sys, '_base_executable', None) or sys.executable)";

/**
 * Finds a Python that is new enough, by running each candidate.
 *
 * @param {Readonly<Record<string, string | undefined>>} [environment] `AMPHIS_PYTHON` names the only candidate; `PATH`
 *   is searched otherwise.
 * @returns {Promise<Interpreter>}
 * @throws {Error} that says what was found instead and what to do.
 */
export async function findInterpreter(environment = process.env) {
  const asked = environment["AMPHIS_PYTHON"];
  if (asked !== undefined && asked !== "") {
    return expectFound(asked, await probe([asked], environment));
  }
  /** @type {string | undefined} */
  let tooOld;
  for (const candidate of candidates) {
    const answer = await probe(candidate, environment);
    if (answer.kind === "found") {
      return answer.interpreter;
    }
    if (answer.kind === "too old") {
      tooOld ??= answer.version;
    }
  }
  const found =
    tooOld === undefined ? "no Python was found on PATH" : `Python ${tooOld} is too old`;
  throw new Error(`Cannot set up: ${found}, Amphis needs ${oldest} or newer. ${remedy}`);
}

const oldest = oldestPython.slice(0, 2).join(".");
const remedy = "Install one, or name one in AMPHIS_PYTHON";

/**
 * @param {string} asked
 * @param {Probe} answer
 * @returns {Interpreter}
 */
function expectFound(asked, answer) {
  switch (answer.kind) {
    case "found":
      return answer.interpreter;
    case "too old":
      throw new Error(
        `Cannot set up: AMPHIS_PYTHON is Python ${answer.version}, Amphis needs ${oldest} or newer. ${remedy}`,
      );
    case "broken":
      throw new Error(
        `Cannot set up: AMPHIS_PYTHON names ${asked}, which does not run as a Python. ${remedy}`,
      );
  }
}

/**
 * @param {readonly string[]} command
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @returns {Promise<Probe>}
 */
async function probe([program = "", ...args], environment) {
  const { code, stdout } = await run(program, [...args, "-c", question], { env: environment });
  const [versionLine = "", path = ""] = stdout.split(/\r?\n/);
  const version = parseVersion(versionLine);
  if (code !== 0 || version === undefined || path === "") {
    return { kind: "broken" };
  }
  return isAtLeast(version, oldestPython)
    ? { kind: "found", interpreter: { path, version } }
    : { kind: "too old", version: formatVersion(version) };
}
