import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { run } from "../setup/process.mjs";
import { repositoryRoot } from "../setup/root.mjs";
import { setUp } from "../setup/set-up.mjs";

/**
 * `npm start [-- STORY]`: runs a story of `examples/`; the tour of the protocol where none is named.
 *
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function main(args) {
  const [story = "protocol-tour", ...rest] = args.filter((argument) => argument !== "--verbose");
  const script = `examples/${story}/main.mjs`;
  if (!existsSync(join(repositoryRoot, script))) {
    throw new Error(`Cannot start ${story}: the stories are ${(await stories()).join(", ")}`);
  }
  const { python } = await setUp();
  const { code } = await run(process.execPath, [script, ...rest], {
    cwd: repositoryRoot,
    env: { AMPHIS_PYTHON: python, PYTHONPATH: `${repositoryRoot}python/src` },
    show: true,
  });
  return code;
}

/** @returns {Promise<string[]>} */
async function stories() {
  const entries = await readdir(join(repositoryRoot, "examples"));
  return entries
    .filter((name) => existsSync(join(repositoryRoot, "examples", name, "main.mjs")))
    .toSorted();
}
