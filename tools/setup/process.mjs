import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";

import { privateEnvironment } from "./environment.mjs";

/**
 * @typedef {(text: string, stream: "stdout" | "stderr") => void} Output Where a program writes to.
 *
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Readonly<Record<string, string | undefined>>} [env] Added to the private environment; `undefined` removes.
 * @property {boolean} [show] Lets the child write to the terminal; otherwise its output is only returned.
 * @property {boolean} [echo] Passes the output on as it comes, and returns it too.
 * @property {Output} [output] Takes the output as it comes; it is returned too.
 * @property {AbortSignal} [signal] Ends the child.
 * @property {string} [pidFile] Holds the number of the child while it runs.
 *
 * @typedef {object} ToolOptions How a step of the set-up runs its tools.
 * @property {boolean} show
 * @property {AbortSignal} signal
 * @property {string} pidFile
 *
 * @typedef {object} RunResult
 * @property {number} code Exit code; 128 where a signal ended the child, 127 where it could not be started.
 * @property {string} stdout Empty with `show`.
 * @property {string} output Standard output and error in order of arrival; empty with `show`.
 */

/**
 * Runs a program to its end without a standard input. A program that fails is a result, not an exception.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export function run(command, args, options = {}) {
  const { cwd, env = {}, show = false, echo = false, signal, pidFile } = options;
  const pass = options.output ?? (echo ? writeThrough : undefined);
  return new Promise((resolve) => {
    const child = spawn(command, [...args], {
      cwd,
      env: { ...privateEnvironment(), ...env },
      stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"],
      ...(signal === undefined ? {} : { signal }),
    });
    let stdout = "";
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      stdout += text;
      output += text;
      pass?.(text, "stdout");
    });
    child.stderr?.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      output += text;
      pass?.(text, "stderr");
    });
    if (pidFile !== undefined && child.pid !== undefined) {
      writeFileSync(pidFile, `${child.pid}\n`);
    }
    child.once("error", (error) => {
      output += `${error.message}\n`;
      if (child.pid === undefined) resolve({ code: 127, stdout, output });
    });
    child.once("close", (code) => {
      if (pidFile !== undefined) rmSync(pidFile, { force: true });
      resolve({ code: code ?? 128, stdout, output });
    });
  });
}

/** @type {Output} */
function writeThrough(text, stream) {
  process[stream].write(text);
}
