/* Scripts that python-shell runs: one for each question, and one that stays and is sent messages. */

import { fileURLToPath } from "node:url";

// #region before
import { PythonShell } from "python-shell";

export const options = {
  mode: "json",
  pythonPath: process.env.AMPHIS_PYTHON,
  scriptPath: import.meta.dirname,
  env: { ...process.env, PYTHONPATH: fileURLToPath(new URL("../python", import.meta.url)) },
};

export function rate(texts, best = 5) {
  return PythonShell.run("rate.py", { ...options, args: [String(best), ...texts] });
}

export function openBoard() {
  const shell = new PythonShell("board.py", options);
  const waiting = []; // answers come in the order of questions
  shell.on("message", (mean) => waiting.shift()?.resolve(mean));
  shell.on("pythonError", (error) => {
    for (const { reject } of waiting.splice(0)) reject(error);
  });
  return {
    add: (text) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        shell.send(text);
      }),
    close: () => new Promise((resolve) => shell.end(resolve)),
  };
}
// #endregion before
