/* A project of somebody who migrates: the files of this story in a folder that has the library they come from. */

import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** @param {string} modules what `node_modules` of the project is to be */
export async function makeProject(modules) {
  const folder = await mkdtemp(join(tmpdir(), "amphis-migration-"));
  await cp(import.meta.dirname, folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  await symlink(modules, join(folder, "node_modules"));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Runs a program in a project, and gives its last line, from JSON. */
export async function answerOf(folder, program) {
  const python = process.env["AMPHIS_PYTHON"];
  const env = { ...process.env, PYTHON_BIN: python, PYTHONPATH: join(folder, "python") };
  const file = join(folder, "program.mjs");
  await writeFile(file, program);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder, env });
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}
