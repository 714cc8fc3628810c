import { join } from "node:path";

import { bin } from "../check/bin.mjs";
import { run } from "../setup/process.mjs";
import { placesOf } from "../setup/root.mjs";
import { setUp } from "../setup/set-up.mjs";

/**
 * `npm run format`
 *
 * @returns {Promise<number>}
 */
export async function main() {
  await setUp({ pythonTools: "required" });
  const { root, venvPython } = placesOf();
  const scripts = ["--config", "python/pyproject.toml", "tools", "examples", "bench", "packages"];
  const ruffCheck = ["-m", "ruff", "check", "--fix", "--quiet"];
  const ruffFormat = ["-m", "ruff", "format", "--quiet"];
  const python = join(root, "python");
  const oxfmt = await bin(root, "oxfmt");
  /** @type {[cwd: string, command: string, ...args: string[]][]} */
  const commands = [
    [root, process.execPath, oxfmt, "."],
    [root, process.execPath, await bin(root, "oxlint"), "--fix", "--quiet"],
    [root, process.execPath, oxfmt, "."], // a fix may leave lines that no longer fit
    [root, venvPython, ...ruffCheck, ...scripts],
    [root, venvPython, ...ruffFormat, ...scripts],
    [python, venvPython, ...ruffCheck],
    [python, venvPython, ...ruffFormat],
  ];
  let failed = false;
  for (const [cwd, command, ...args] of commands) {
    const { code } = await run(command, args, { cwd, show: true });
    failed ||= code !== 0;
  }
  return failed ? 1 : 0;
}
