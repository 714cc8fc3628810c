import { build } from "./build.ts";
import { choose } from "./choose.ts";
import type { Environment } from "./environment.ts";
import { type LockedEnvironment, type LockedPackage, readLock, writeLock } from "./lock.ts";
import { keyOf, lockPathOf, readyFor } from "./ready.ts";
import {
  type EnvironmentRequest,
  type OpenEnvironmentOptions,
  type Wanted,
  wantedOf,
  wantedToChange,
} from "./request.ts";
import { checkName } from "./requirement.ts";
import { compareVersions, parseVersion } from "./version.ts";
import { inTurn, type Work } from "./work.ts";

/** What an update does beside opening. */
export interface UpdateEnvironmentOptions extends OpenEnvironmentOptions {
  /** Packages whose versions are chosen anew; the others stay where they can. @default all */
  readonly packages?: readonly string[] | undefined;
}

/** A package that is not what it was. */
export interface PackageChange {
  readonly name: string;
  readonly kind: "added" | "removed" | "upgraded" | "downgraded" | "changed";
  /** None where the package is new. */
  readonly from: string | undefined;
  /** None where the package is gone. */
  readonly to: string | undefined;
}

/** What an update did. */
export interface EnvironmentUpdate {
  readonly environment: Environment;
  /** The environment as it was, for comparing its libraries with the new ones. It stays until environments are pruned. */
  readonly previous: Environment | undefined;
  /** By name. */
  readonly changes: readonly PackageChange[];
}

/** See `updateEnvironment`. */
export async function update(
  request: EnvironmentRequest,
  options: UpdateEnvironmentOptions = {},
): Promise<EnvironmentUpdate> {
  const wanted = wantedToChange("update", request);
  const again = options.packages?.map((name) => checkName(name));
  const updated = await inTurn(wanted, options, (work) => updateIn(work, again));
  options.onProgress?.({ kind: "done", prefix: updated.environment.prefix });
  return updated;
}

async function updateIn(
  work: Work,
  again: readonly string[] | undefined,
): Promise<EnvironmentUpdate> {
  const { wanted } = work;
  const path = lockPathOf(wanted);
  const lock = await readLock(path);
  const locked = lock.get(wanted.environment);
  const equipment = await work.equip(undefined);
  const stay = (locked?.packages ?? []).filter(({ name }) => again?.includes(name) === false);
  const chosen = await choose(work, equipment, stay);
  const previous = await previousOf(wanted, locked);
  const environment = (await readyFor(wanted, chosen)) ?? (await build(work, equipment, chosen));
  await writeLock(path, new Map([...lock, [wanted.environment, chosen]]));
  return { environment, previous, changes: changesOf(locked?.packages ?? [], chosen.packages) };
}

async function previousOf(
  wanted: Wanted,
  locked: LockedEnvironment | undefined,
): Promise<Environment | undefined> {
  if (locked === undefined) return undefined;
  const any: Wanted = {
    ...wanted,
    pythonVersion: undefined,
    pythonPath: undefined,
    hardware: "note",
  };
  return readyFor(any, locked);
}

function changesOf(
  before: readonly LockedPackage[],
  after: readonly LockedPackage[],
): readonly PackageChange[] {
  const [from, to] = [versionsOf(before), versionsOf(after)];
  const names = [...new Set([...from.keys(), ...to.keys()])].sort();
  return names
    .map((name) => changeOf(name, from.get(name), to.get(name)))
    .filter((change) => change.from !== change.to);
}

/** A package that has several versions, under conditions, shows them all. */
function versionsOf(packages: readonly LockedPackage[]): ReadonlyMap<string, string> {
  const versions = new Map<string, string>();
  for (const { name, version } of packages) {
    const known = versions.get(name);
    versions.set(
      name,
      known === undefined || known === version ? version : `${known} | ${version}`,
    );
  }
  return versions;
}

function changeOf(name: string, from: string | undefined, to: string | undefined): PackageChange {
  if (from === undefined) return { name, kind: "added", from, to };
  if (to === undefined) return { name, kind: "removed", from, to };
  const [old, now] = [parseVersion(from), parseVersion(to)];
  if (old === undefined || now === undefined) return { name, kind: "changed", from, to };
  const kind = compareVersions(old, now) < 0 ? "upgraded" : "downgraded";
  return { name, kind, from, to };
}

/** See `pruneEnvironments`. */
export async function prune(
  { project, name }: Pick<EnvironmentRequest, "project" | "name">,
  options: OpenEnvironmentOptions = {},
): Promise<readonly string[]> {
  const wanted = wantedOf({ project, name });
  return inTurn(wanted, options, async ({ folder }) => {
    const locked = (await readLock(lockPathOf(wanted))).get(wanted.environment);
    return folder.clean(new Set(locked === undefined ? [] : [keyOf(locked)]));
  });
}
