import { createHash } from "node:crypto";
import { join } from "node:path";

import type { Environment } from "./environment.ts";
import { pythonIn } from "./installer.ts";
import { hashRequirements, identityOfLocked, LOCK_FILE, type LockedEnvironment } from "./lock.ts";
import { EnvironmentFolder, isMadeOf, type Stamp } from "./places.ts";
import type { Wanted } from "./request.ts";

/*
 * What it takes to open an environment that is there. It stays small: every start of a program waits for it.
 */

export function lockPathOf({ project }: Wanted): string {
  return join(project, LOCK_FILE);
}

/** Whether a lock was made for other requirements than these. */
export function isStale(locked: LockedEnvironment, wanted: Wanted): boolean {
  return locked.requirementsHash !== hashRequirements(wanted.requirements, wanted.pythonVersion);
}

/** What the folder of an environment is called after: the same packages for the same machine are the same environment. */
export function keyOf(locked: LockedEnvironment): string {
  const machine = `${process.platform}-${process.arch}`;
  return createHash("sha256")
    .update(`${machine}\n${identityOfLocked(locked)}`)
    .digest("hex")
    .slice(0, 16);
}

export function folderOf({ project, environment }: Wanted): EnvironmentFolder {
  return new EnvironmentFolder(project, environment);
}

/** The environment, when everything is as it was when it was made. */
export async function openReady(
  wanted: Wanted,
  locked: LockedEnvironment | undefined,
): Promise<Environment | undefined> {
  if (locked === undefined || isStale(locked, wanted)) return undefined;
  return readyFor(wanted, locked);
}

export async function readyFor(
  wanted: Wanted,
  locked: LockedEnvironment,
): Promise<Environment | undefined> {
  const folder = folderOf(wanted);
  const stamp = await folder.stampOf(keyOf(locked));
  const { pythonVersion: version, pythonPath } = wanted;
  if (stamp === undefined || !isMadeOf(stamp, { version, path: pythonPath })) return undefined;
  // Looking hardware up takes long the first time: a difference was noted when the environment was made.
  const notes = wanted.hardware === "require" ? await hardwareNotes(wanted, locked) : [];
  return environmentOf(wanted, folder.prefixOf(stamp), stamp, notes);
}

export function environmentOf(
  wanted: Wanted,
  prefix: string,
  { python: version, packages }: Stamp,
  notes: readonly string[],
): Environment {
  return {
    name: wanted.environment,
    kind: "made",
    prefix,
    python: pythonIn(prefix),
    version,
    packages,
    lock: lockPathOf(wanted),
    notes,
  };
}

async function hardwareNotes(
  wanted: Wanted,
  locked: LockedEnvironment,
): Promise<readonly string[]> {
  const { checkHardware } = await import("./choose.ts");
  return checkHardware(wanted, locked);
}
