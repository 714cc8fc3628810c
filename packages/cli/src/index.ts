/*
 * The command line of Amphis. `run` does what the command `amphis` does, for tools that have a command line of their own.
 */

export { run } from "./run.ts";
export type { Terminal } from "./terminal.ts";
