import type { Command } from "commander";

import { loadApprovals, loadReview } from "./commands/index.ts";
import type { DecisionFlags, ReadFlags, ReviewFlags } from "./flags.ts";
import type { Terminal } from "./terminal.ts";

const PYTHON = ["--python <path>", "the Python to ask; else that of each library"] as const;
const JSON_OPTION = ["--json", "write JSON, for programs"] as const;

/** Adds the commands about code that somebody has to have looked at. */
export function addApprovalCommands(
  command: Command,
  terminal: Terminal,
  settle: (code: number) => void,
): void {
  addReview(command, terminal);
  addApprovals(command, terminal, settle);
  addDecision(command, terminal, "approve", "let the code of a library run, as it is now");
  addDecision(command, terminal, "reject", "keep the code of a library from running, as it is now");
}

function addReview(command: Command, terminal: Terminal): void {
  command
    .command("review")
    .description("show what the code of a library does that may be dangerous; nothing of it is run")
    .argument("<library>", "a library of the configuration, or a module")
    .option("-e, --environment <name>", "the environment to look in; else that of the library")
    .option("-a, --all", "show every place, and not only the first of each kind")
    .option(...PYTHON)
    .option(...JSON_OPTION)
    .action(async (library: string, options: ReviewFlags) => {
      const { review } = await loadReview();
      await review(library, options, terminal);
    });
}

function addApprovals(command: Command, terminal: Terminal, settle: (code: number) => void): void {
  command
    .command("approvals")
    .description("show who approved which library, and fail where somebody has to decide")
    .option(...PYTHON)
    .option(...JSON_OPTION)
    .action(async (options: ReadFlags) => {
      const { approvals } = await loadApprovals();
      settle(await approvals(options, terminal));
    });
}

function addDecision(
  command: Command,
  terminal: Terminal,
  action: "approve" | "reject",
  description: string,
): void {
  const added = command
    .command(action)
    .description(description)
    .argument("<library>", "a library of the configuration")
    .option("--by <name>", "who decides; else the name of this user")
    .option("--fingerprint <start>", "fail when its code is not the one that was looked at");
  const flags = "-r, --reason <text>";
  if (action === "reject") added.requiredOption(flags, "why");
  else added.option(flags, "why");
  added
    .option(...PYTHON)
    .option(...JSON_OPTION)
    .action(async (library: string, options: DecisionFlags) => {
      const { decide } = await loadApprovals();
      await decide(action, library, options, terminal);
    });
}
