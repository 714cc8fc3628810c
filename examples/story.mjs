/* What the tests of stories share: how a program is run, and when a story is left out. */

import { execFile, execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, test } from "vitest";

/**
 * What a story needs of Python.
 *
 * @typedef {object} Needs
 * @property {readonly string[]} [modules] What it imports. Default: nothing that is not there anyway.
 * @property {string} [since] The oldest version, as in `3.11`. Default: any.
 */

/** Where Python finds the `amphis` of this repository. */
export const sources = fileURLToPath(new URL("../python/src", import.meta.url));

/**
 * What a program prints.
 *
 * @param {URL} program
 * @param {{ args?: readonly string[], env?: Readonly<Record<string, string>> }} [options] `env` comes on top of the variables here.
 */
export async function printed(program, { args = [], env = {} } = {}) {
  const words = [fileURLToPath(program), ...args];
  const variables = { ...process.env, ...env };
  const { stdout } = await promisify(execFile)(process.execPath, words, { env: variables });
  return stdout;
}

/**
 * Skips a test where there is no Python for it, and says in one line what is missing.
 *
 * @param {(reason: string) => void} skip Of the context of the test.
 * @param {Needs} [needs]
 */
export function needPython(skip, needs) {
  const { reason } = pythonWith(needs);
  if (reason !== undefined) skip(reason);
}

/**
 * Tests that share a Python; one line says why they are skipped where there is none for them.
 *
 * @param {string} name
 * @param {Needs & { unless?: string | undefined }} options `unless` says what else is against them, if anything.
 * @param {(python: string) => void} tests Gets the interpreter.
 */
export function describeStory(name, { unless, ...needs }, tests) {
  const { reason, python = "" } = unless === undefined ? pythonWith(needs) : { reason: unless };
  if (reason === undefined) describe(`${name}`, () => void tests(python));
  else test(`${name}: tests`, ({ skip }) => skip(reason));
}

const LACKING = `
import sys
from importlib.util import find_spec

since, *modules = sys.argv[1:]
lacking = [name for name in modules if find_spec(name) is None]
if sys.version_info < tuple(map(int, since.split("."))):
    lacking.append(f"Python {since}")
print(", ".join(lacking), end="")
`;

/**
 * @param {Needs} [needs]
 * @returns {{ python: string, reason?: undefined } | { python?: undefined, reason: string }}
 */
function pythonWith({ modules = [], since = "3" } = {}) {
  const python = process.env["AMPHIS_PYTHON"];
  if (python === undefined) {
    return { reason: "AMPHIS_PYTHON names no interpreter; run it with npm test" };
  }
  const words = ["-c", LACKING, since, ...modules];
  const lacking = execFileSync(python, words, { encoding: "utf8" });
  return lacking === "" ? { python } : { reason: `AMPHIS_PYTHON lacks ${lacking}` };
}
