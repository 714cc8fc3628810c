import { run } from "../setup/process.mjs";

/**
 * @typedef {object} CheckContext
 * @property {import("../setup/root.mjs").Places} places
 * @property {string} python An interpreter with the development tools.
 * @property {boolean} write Brings up to date what is compared, where a check can do that.
 *
 * @typedef {object} CheckResult
 * @property {boolean} ok
 * @property {string} output Shown where the check fails.
 *
 * @typedef {object} Check
 * @property {string} name
 * @property {(context: CheckContext) => Promise<CheckResult>} run
 */

/**
 * Runs programs one after the other; the check passes where all of them do.
 *
 * @param {string} root
 * @param {readonly (readonly [command: string, ...args: string[]])[]} commands
 * @param {import("../setup/process.mjs").RunOptions} [options]
 * @returns {Promise<CheckResult>}
 */
export async function commandsPass(root, commands, options = {}) {
  let ok = true;
  let output = "";
  for (const [command, ...args] of commands) {
    const result = await run(command, args, { cwd: root, ...options });
    if (result.code !== 0) {
      ok = false;
      output += result.output;
    }
  }
  return { ok, output };
}

/**
 * @param {readonly Promise<CheckResult>[]} parts
 * @returns {Promise<CheckResult>}
 */
export async function allPass(parts) {
  const results = await Promise.all(parts);
  return {
    ok: results.every(({ ok }) => ok),
    output: results.map(({ output }) => output).join(""),
  };
}

/**
 * @param {readonly string[]} problems
 * @param {string} [remedy] Shown below them.
 * @returns {CheckResult}
 */
export function noProblems(problems, remedy) {
  const lines = problems.length > 0 && remedy !== undefined ? [...problems, remedy] : problems;
  return { ok: problems.length === 0, output: lines.map((line) => `${line}\n`).join("") };
}
