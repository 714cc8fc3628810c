import { createRequire } from "node:module";

import { isAmphisError } from "@amphis/protocol";
import { Command, CommanderError } from "commander";

import {
  loadCall,
  loadDoctor,
  loadHelp,
  loadReference,
  loadSearch,
  loadTypes,
} from "./commands/index.ts";
import type {
  CallFlags,
  HelpFlags,
  ReadFlags,
  ReferenceFlags,
  SearchFlags,
  TypesFlags,
} from "./flags.ts";
import { addApprovalCommands } from "./approval-commands.ts";
import { addProjectCommands } from "./project-commands.ts";
import { PROCESS_TERMINAL, styled, type Terminal } from "./terminal.ts";

/** It was done. */
const DONE = 0;
/** It could not be done, or what was to be checked is not so. */
const FAILED = 1;
/** It was asked for in a way that makes no sense. */
const MISUSED = 2;

/**
 * Runs a command: `run(["types", "numpy"])`. Never rejects.
 *
 * @returns the exit status: 0, 1 where it could not be done, 2 where it was asked for in a wrong way
 */
export async function run(
  args: readonly string[],
  terminal: Terminal = PROCESS_TERMINAL,
): Promise<number> {
  let status = DONE;
  const settle = (code: number): void => void (status = code);
  try {
    await program(terminal, settle).parseAsync([...args], { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : MISUSED;
    terminal.tell(`${styled(terminal, "red", "error")} ${textOf(error)}\n`);
    return error instanceof TypeError || error instanceof RangeError ? MISUSED : FAILED;
  }
}

function textOf(error: unknown): string {
  if (isAmphisError(error)) return `${error.message}\n  ${error.code}: ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}

function program(terminal: Terminal, settle: (code: number) => void): Command {
  const command = new Command("amphis")
    .description(
      "Python's libraries from TypeScript: their types, their help, calls, and what this machine has",
    )
    .version(version(), "-V, --version", "show the version")
    .helpOption("-h, --help", "show what there is")
    .helpCommand(false)
    .configureOutput({ writeOut: terminal.write, writeErr: terminal.tell })
    .showHelpAfterError("(amphis --help shows what there is)")
    .exitOverride();
  addTypes(command, terminal, settle);
  addHelp(command, terminal, settle);
  addSearch(command, terminal, settle);
  addReference(command, terminal);
  addCall(command, terminal);
  addDoctor(command, terminal, settle);
  addProjectCommands(command, terminal, settle);
  addApprovalCommands(command, terminal, settle);
  return command;
}

const PYTHON = ["--python <path>", "the Python to ask; else that of the project"] as const;
const ENVIRONMENT = [
  "-e, --environment <name>",
  "the environment to look in; else that of each library",
] as const;
const JSON_OPTION = ["--json", "write JSON, for programs"] as const;

function addTypes(command: Command, terminal: Terminal, settle: (code: number) => void): void {
  command
    .command("types")
    .description("write declarations of Python libraries, so that py.import is typed")
    .argument(
      "[library...]",
      "modules as Python imports them; else those of the configuration, and those that are there",
    )
    .option("-o, --out <folder>", "where they go", "python-types")
    .option("-e, --environment <name...>", "libraries of these environments only")
    .option("--check", "write nothing, and fail when something is out of date")
    .option(...PYTHON)
    .option(...JSON_OPTION)
    .action(async (libraries: string[], options: TypesFlags) => {
      const { types } = await loadTypes();
      settle(await types(libraries, options, terminal));
    });
}

function addHelp(command: Command, terminal: Terminal, settle: (code: number) => void): void {
  command
    .command("help")
    .description("show what a function, class or module is, in Python and in TypeScript")
    .argument("[name]", "such as numpy.linalg.norm; nothing: what amphis can do")
    .option(...ENVIRONMENT)
    .option(...PYTHON)
    .option(...JSON_OPTION)
    .action(async (name: string | undefined, options: HelpFlags) => {
      if (name === undefined) {
        command.outputHelp();
        return;
      }
      const { help } = await loadHelp();
      settle(await help(name, options, terminal));
    });
}

function addSearch(command: Command, terminal: Terminal, settle: (code: number) => void): void {
  command
    .command("search")
    .description("find functions, classes and constants by their name or description")
    .argument("<words...>", 'such as "matrix norm"')
    .option(
      "-l, --library <name...>",
      "modules to look in; else those of the configuration, and those that have types",
    )
    .option(...ENVIRONMENT)
    .option("-n, --limit <count>", "most that is shown", "20")
    .option("-o, --out <folder>", "where types are", "python-types")
    .option(...PYTHON)
    .option(...JSON_OPTION)
    .action(async (words: string[], options: SearchFlags) => {
      const { search } = await loadSearch();
      settle(await search(words.join(" "), options, terminal));
    });
}

function addReference(command: Command, terminal: Terminal): void {
  command
    .command("reference")
    .description("write a reference site: everything in Python and in TypeScript, with a search")
    .argument(
      "[library...]",
      "modules as Python imports them; else those of the configuration, and those that have types",
    )
    .option("-o, --out <folder>", "where it goes", "python-reference")
    .option("-t, --types <folder>", "where types are", "python-types")
    .option("-s, --serve [port]", "serve it to this machine, with examples that can be run")
    .option(...ENVIRONMENT)
    .option(...PYTHON)
    .option(...JSON_OPTION)
    .action(async (libraries: string[], options: ReferenceFlags) => {
      const { reference } = await loadReference();
      await reference(libraries, options, terminal);
    });
}

function addCall(command: Command, terminal: Terminal): void {
  command
    .command("call")
    .description("call a function once, and write its result as JSON")
    .argument("<name>", "module:function, such as numpy.linalg:norm")
    .argument("[arguments]", "a JSON array, such as '[[3, 4]]'", "[]")
    .option("-k, --keywords <object>", "keyword arguments, a JSON object")
    .option("-t, --timeout <ms>", "longest that it may take")
    .option(...PYTHON)
    .action(async (name: string, given: string, options: CallFlags) => {
      const { call } = await loadCall();
      await call(name, given, options, terminal);
    });
}

function addDoctor(command: Command, terminal: Terminal, settle: (code: number) => void): void {
  command
    .command("doctor")
    .description("show what this machine has, what is missing, and what to do about it")
    .option(...PYTHON)
    .option(...JSON_OPTION)
    .action(async (options: ReadFlags) => {
      const { doctor } = await loadDoctor();
      settle(await doctor(options, terminal));
    });
}

function version(): string {
  const { version: text } = createRequire(import.meta.url)("../package.json") as {
    readonly version: string;
  };
  return text;
}
