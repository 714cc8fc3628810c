/**
 * What a file `tools/generate/<name>.mjs` exports.
 *
 * `generate` gives every file that it makes, under the path that it has in the repository; the runner compares them with
 * the repository or writes them. The result depends on nothing but files of the repository: no clock, no random
 * number, no machine path.
 *
 * @typedef {object} Generator
 * @property {(root: URL, tools: GeneratorTools) => Promise<GeneratedFiles>} generate `root` is the repository, with a
 *   slash at its end.
 * @property {readonly string[]} [outputs] Folders that belong to this generator alone: a file there that `generate` did
 *   not give is stale and is removed.
 *
 * @typedef {ReadonlyMap<string, string | Uint8Array>} GeneratedFiles
 *
 * @typedef {object} GeneratorTools
 * @property {string} python The interpreter of the private environment, with the development tools and `amphis`.
 * @property {URL} scratch An empty folder, removed afterwards.
 * @property {(command: string, args: readonly string[], options?: import("../../setup/process.mjs").RunOptions) => Promise<string>} exec
 *   Runs a program in the repository and gives its standard output. Throws with the whole output where it fails.
 */

export {};
