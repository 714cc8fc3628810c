import { run } from "../setup/process.mjs";
import { repositoryRoot } from "../setup/root.mjs";
import { setUp } from "../setup/set-up.mjs";
import { listQuestions } from "./questions.mjs";
import { formatTargets, parseResult } from "./result.mjs";

/**
 * `npm run bench [-- question…]`: answers one question, or all in order. A missed target is reported and fails nothing,
 * as figures depend on the machine.
 *
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function main(args) {
  const { python } = await setUp();
  const names = args.filter((argument) => !argument.startsWith("--"));
  const questions = chosenQuestions(await listQuestions(repositoryRoot), names);
  /** @type {string[]} */
  const summary = [];
  let exitCode = 0;
  for (const { name, script } of questions) {
    process.stdout.write(`bench ${name}\n`);
    const { code, stdout } = await run(process.execPath, ["--expose-gc", script], {
      cwd: repositoryRoot,
      env: { AMPHIS_PYTHON: python },
      echo: true,
    });
    const lines = code === 0 ? readTargets(name, stdout) : [`failed  ${name}: exit code ${code}`];
    summary.push(...lines);
    exitCode ||= code || (lines.some((line) => line.startsWith("failed")) ? 1 : 0);
  }
  // Not on standard output, which ends with the JSON line of the last question.
  process.stderr.write(summary.map((line) => `${line}\n`).join(""));
  return exitCode;
}

/**
 * @param {readonly import("./questions.mjs").Question[]} questions
 * @param {readonly string[]} names
 * @returns {readonly import("./questions.mjs").Question[]}
 */
function chosenQuestions(questions, names) {
  const known = questions.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined || questions.length === 0) {
    throw new Error(`Cannot run bench ${unknown ?? ""}: the questions are ${known.join(", ")}`);
  }
  return names.length === 0 ? questions : questions.filter(({ name }) => names.includes(name));
}

/**
 * @param {string} name
 * @param {string} stdout
 * @returns {string[]}
 */
function readTargets(name, stdout) {
  try {
    return formatTargets(parseResult(name, stdout));
  } catch (error) {
    return [`failed  ${/** @type {Error} */ (error).message}`];
  }
}
