import { AmphisError } from "@amphis/protocol";

import { hardware, type HardwareIdentity } from "../../hardware/index.ts";
import { toolFailed } from "./failure.ts";
import { type Interpreter, minorOf } from "./interpreter.ts";
import {
  ANY_PLATFORM,
  hashRequirements,
  type LockedEnvironment,
  type LockedPackage,
} from "./lock.ts";
import { lockPathOf } from "./ready.ts";
import type { Wanted } from "./request.ts";
import type { Equipment, Work } from "./work.ts";

/** Requirements that a lock does not know yet, and those that it was made for and that nobody has any more. */
export interface RequirementChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export function requirementChanges(
  { requirements }: Wanted,
  locked: LockedEnvironment | undefined,
): RequirementChanges {
  const old = locked?.requirements ?? [];
  return {
    added: requirements.filter((each) => !old.includes(each)),
    removed: old.filter((each) => !requirements.includes(each)),
  };
}

/** @throws {AmphisError} ENVIRONMENT_LOCK_STALE, as the lock may not be changed */
export function refuseFrozen(wanted: Wanted, locked: LockedEnvironment | undefined): never {
  const { environment } = wanted;
  const path = lockPathOf(wanted);
  const { added, removed } = requirementChanges(wanted, locked);
  const changes = [...added.map((each) => `+ ${each}`), ...removed.map((each) => `- ${each}`)];
  const reason =
    locked === undefined
      ? "it is not in the lock"
      : changes.join(", ") || "another Python is asked for";
  throw new AmphisError(
    "ENVIRONMENT_LOCK_STALE",
    `Cannot open environment ${environment} as ${path} is frozen and out of date: ${reason}. Bring it up to date with amphis lock, or by opening it once without frozen, and commit it`,
    { environment, path, added: [...added], removed: [...removed] },
  );
}

/**
 * Chooses versions for what is asked for now.
 *
 * @throws {AmphisError} ENVIRONMENT_CONFLICT, before anything is installed
 */
export async function choose(
  { wanted, onProgress }: Work,
  { interpreter, installer }: Equipment,
  preferred: readonly LockedPackage[],
): Promise<LockedEnvironment> {
  const { requirements, pythonVersion } = wanted;
  onProgress({ kind: "resolving", requirements: requirements.length });
  const packages =
    requirements.length === 0 ? [] : await installer.resolve(requirements, preferred);
  const without = packages.find(({ hashes }) => hashes.length === 0);
  if (without !== undefined) {
    const stderr = `the index gives no SHA-256 hash of ${without.name} ${without.version}, so that it cannot be locked`;
    throw toolFailed(wanted, installer.name, { exitCode: 0, stdout: "", stderr });
  }
  onProgress({ kind: "resolved", packages: packages.length });
  return {
    requirements,
    requirementsHash: hashRequirements(requirements, pythonVersion),
    python: minorOf(interpreter.version),
    platform: installer.platform,
    resolvedBy: `${installer.name} ${installer.version}`,
    hardware: await identityFor(wanted),
    packages,
  };
}

async function identityFor({ hardware: policy }: Wanted): Promise<HardwareIdentity | undefined> {
  return policy === "ignore" ? undefined : hardware.identity();
}

/**
 * Judges whether a lock can be installed here.
 *
 * @returns what differs and does no harm by itself
 * @throws {AmphisError} ENVIRONMENT_LOCK_MISMATCH with what it was made for and what was found
 */
export async function checkFit(
  wanted: Wanted,
  locked: LockedEnvironment,
  { version, platform }: Pick<Interpreter, "version" | "platform">,
): Promise<readonly string[]> {
  if (locked.python !== minorOf(version)) {
    throw mismatch(wanted, "Python", `Python ${locked.python}`, `Python ${version}`);
  }
  if (locked.platform !== ANY_PLATFORM && locked.platform !== platform) {
    throw mismatch(wanted, "platform", locked.platform, platform);
  }
  return checkHardware(wanted, locked);
}

/** As {@link checkFit}, of the hardware alone. */
export async function checkHardware(
  wanted: Wanted,
  { hardware: locked }: LockedEnvironment,
): Promise<readonly string[]> {
  const found = locked === undefined ? undefined : await identityFor(wanted);
  if (locked === undefined || found === undefined || found.hash === locked.hash) return [];
  const only = (facts: readonly string[], others: readonly string[]): string =>
    facts.filter((fact) => !others.includes(fact)).join(", ") || "nothing more";
  const before = only(locked.facts, found.facts);
  const now = only(found.facts, locked.facts);
  if (wanted.hardware === "require") throw mismatch(wanted, "hardware", before, now);
  return [`versions were chosen on other hardware: there ${before}, here ${now}`];
}

const ADVICE: Readonly<Record<string, string>> = {
  Python:
    "Name that version in python, or choose versions for this one with updateEnvironment and commit the lock",
  platform:
    "Choose versions with uv, which locks for every platform, or here with updateEnvironment; then commit the lock",
  hardware:
    "Open it on such a machine, set hardware to note, or choose versions here with updateEnvironment and commit the lock",
};

function mismatch(
  { environment }: Wanted,
  what: string,
  locked: string,
  found: string,
): AmphisError<"ENVIRONMENT_LOCK_MISMATCH"> {
  const message = `Cannot open environment ${environment}: its lock was made for ${locked}, and this is ${found}. ${ADVICE[what] ?? ""}`;
  return new AmphisError("ENVIRONMENT_LOCK_MISMATCH", message, {
    environment,
    what,
    locked,
    found,
  });
}
