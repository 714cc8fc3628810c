import { relative } from "node:path";

import { type EnvironmentLock, lockEnvironment } from "amphis/library";

import { NOTHING, progressLine, projectEnvironments } from "../environments.ts";
import type { LockFlags } from "../flags.ts";
import { json, styled, type Terminal } from "../terminal.ts";

/** `amphis lock`: writes the lock, or tells whether it fits. @returns the exit status */
export async function lock(
  { environment: names, check = false, offline = false, json: asJson = false }: LockFlags,
  terminal: Terminal,
): Promise<number> {
  const { environments } = await projectEnvironments("lock", names);
  const line = progressLine(terminal);
  const locks: EnvironmentLock[] = [];
  try {
    for (const { name, request } of environments) {
      locks.push(
        await lockEnvironment(request, {
          check,
          offline,
          onProgress: (progress) => line.show(name, progress),
        }),
      );
    }
  } finally {
    line.clear();
  }
  const stale = locks.filter(({ state }) => state === "stale");
  if (asJson) terminal.write(json(locks));
  else {
    if (locks.length === 0) terminal.write(NOTHING);
    for (const each of locks) tell(each, terminal);
  }
  return stale.length > 0 ? 1 : 0;
}

function tell(
  { environment, path, state, packages, added, removed }: EnvironmentLock,
  terminal: Terminal,
): void {
  const file = relative(process.cwd(), path);
  if (state === "none") {
    terminal.write(`${environment} is used as it is, and has no lock\n`);
  } else if (state === "stale") {
    const error = styled(terminal, "red", "error");
    terminal.tell(`${error} ${environment}: ${file} is out of date; run \`npx amphis lock\`\n`);
    for (const each of added) terminal.tell(`  + ${each}\n`);
    for (const each of removed) terminal.tell(`  - ${each}\n`);
  } else {
    const done = state === "kept" ? "is up to date" : "was written; commit it";
    terminal.write(`${environment}: ${file} ${done}\n`);
    if (state === "kept") return;
    for (const { name, version } of packages) terminal.write(`  ${name} ${version}\n`);
  }
}
