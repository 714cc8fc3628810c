import type { Command } from "commander";

import { loadConfig, loadInstall, loadLock, loadUpdate, loadVerify } from "./commands/index.ts";
import type { ConfigFlags, InstallFlags, LockFlags, UpdateFlags, VerifyFlags } from "./flags.ts";
import type { Terminal } from "./terminal.ts";

type Settle = (code: number) => void;

const ENVIRONMENT = [
  "-e, --environment <name...>",
  "environments of the configuration; else all of them",
] as const;
const OFFLINE = ["--offline", "ask no package index: what is in the cache must do"] as const;
const JSON_OPTION = ["--json", "write JSON, for programs"] as const;

/** Adds the commands that work on the configuration of a project, and on the environments that it asks for. */
export function addProjectCommands(command: Command, terminal: Terminal, settle: Settle): void {
  addInstall(command, terminal);
  addLock(command, terminal, settle);
  addVerify(command, terminal, settle);
  addUpdate(command, terminal);
  addConfig(command, terminal, settle);
}

function addInstall(command: Command, terminal: Terminal): void {
  command
    .command("install")
    .description(
      "install what the configuration names: versions of amphis.lock, or new ones that are written there",
    )
    .option(...ENVIRONMENT)
    .option("--frozen", "fail when the lock is out of date; the default where CI is set")
    .option("--no-frozen", "bring the lock up to date, where CI is set too")
    .option(...OFFLINE)
    .option(...JSON_OPTION)
    .action(async (options: InstallFlags) => {
      const { install } = await loadInstall();
      await install(options, terminal);
    });
}

function addLock(command: Command, terminal: Terminal, settle: Settle): void {
  command
    .command("lock")
    .description(
      "choose versions for what the configuration names, and write amphis.lock; nothing is installed",
    )
    .option(...ENVIRONMENT)
    .option("--check", "write nothing, and fail when it is out of date")
    .option(...OFFLINE)
    .option(...JSON_OPTION)
    .action(async (options: LockFlags) => {
      const { lock } = await loadLock();
      settle(await lock(options, terminal));
    });
}

function addVerify(command: Command, terminal: Terminal, settle: Settle): void {
  command
    .command("verify")
    .description(
      "compare every installed file with its package, versions with the lock, and import what is named",
    )
    .option(...ENVIRONMENT)
    .option("--repair", "install again what is broken")
    .option(...JSON_OPTION)
    .action(async (options: VerifyFlags) => {
      const { verify } = await loadVerify();
      settle(await verify(options, terminal));
    });
}

function addUpdate(command: Command, terminal: Terminal): void {
  command
    .command("update")
    .description("take newer versions, and show what that breaks")
    .argument("[library...]", "libraries of the configuration, or packages; else all")
    .option(...ENVIRONMENT)
    .option("-a, --all", "show what is new and changed too")
    .option("-o, --out <folder>", "where types are", "python-types")
    .option(...JSON_OPTION)
    .action(async (libraries: string[], options: UpdateFlags) => {
      const { update } = await loadUpdate();
      await update(libraries, options, terminal);
    });
}

const CONFIG = ["-c, --config <file>", "the configuration; else that of the project"] as const;

function addConfig(command: Command, terminal: Terminal, settle: Settle): void {
  const config = command
    .command("config")
    .description("show the configuration that holds, without secrets")
    .option(...CONFIG)
    .action(async (options: ConfigFlags) => {
      const { showConfig } = await loadConfig();
      await showConfig(options, terminal);
    });
  config
    .command("check")
    .description("show everything that is wrong with it, and where")
    .option(...CONFIG)
    .option(...JSON_OPTION)
    .action(async (_: ConfigFlags, self: Command) => {
      const { checkConfig } = await loadConfig();
      settle(await checkConfig(self.optsWithGlobals(), terminal));
    });
  config
    .command("explain")
    .description("show why an option has its value")
    .argument("<path>", "such as pools.default.workers")
    .option(...CONFIG)
    .option(...JSON_OPTION)
    .action(async (path: string, _: ConfigFlags, self: Command) => {
      const { explainConfig } = await loadConfig();
      await explainConfig(path, self.optsWithGlobals(), terminal);
    });
}
