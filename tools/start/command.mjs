import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { repositoryRoot } from "../setup/root.mjs";
import { setUp } from "../setup/set-up.mjs";
import { FIRST_STORY, runStory } from "./story.mjs";

/**
 * `npm start [-- STORY]`: runs a story of `examples/`; the tour where none is named.
 *
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function main(args) {
  const [story = FIRST_STORY, ...rest] = args.filter((argument) => argument !== "--verbose");
  if (!existsSync(join(repositoryRoot, `examples/${story}/main.mjs`))) {
    throw new Error(`Cannot start ${story}: the stories are ${(await stories()).join(", ")}`);
  }
  const { python } = await setUp();
  return runStory(story, python, rest);
}

/** @returns {Promise<string[]>} */
async function stories() {
  const entries = await readdir(join(repositoryRoot, "examples"));
  return entries
    .filter((name) => existsSync(join(repositoryRoot, "examples", name, "main.mjs")))
    .toSorted();
}
