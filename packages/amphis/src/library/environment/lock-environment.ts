import { choose, type RequirementChanges, requirementChanges } from "./choose.ts";
import { type LockedEnvironment, type LockedPackage, readLock, writeLock } from "./lock.ts";
import { isStale, lockPathOf } from "./ready.ts";
import {
  type EnvironmentRequest,
  type OpenEnvironmentOptions,
  type Wanted,
  wantedOf,
} from "./request.ts";
import { inTurn } from "./work.ts";

/** How the lock of an environment is brought up to date. */
export interface LockEnvironmentOptions extends OpenEnvironmentOptions {
  /** Whether it is only looked at. @default false */
  readonly check?: boolean | undefined;
}

/** The lock of one environment. */
export interface EnvironmentLock extends RequirementChanges {
  readonly environment: string;
  /** Path of the file. */
  readonly path: string;
  /** It was right, it was written just now, it is older than what is asked for; none where the environment is taken as it is. */
  readonly state: "kept" | "written" | "stale" | "none";
  readonly packages: readonly LockedPackage[];
}

/** See `lockEnvironment`. */
export async function lock(
  request: EnvironmentRequest,
  options: LockEnvironmentOptions,
): Promise<EnvironmentLock> {
  const wanted = wantedOf(request);
  const path = lockPathOf(wanted);
  if (wanted.prefix !== undefined) {
    return { ...described(wanted, undefined), added: [], removed: [], state: "none" };
  }
  const locked = (await readLock(path)).get(wanted.environment);
  const changes = requirementChanges(wanted, locked);
  const isCurrent = locked !== undefined && !isStale(locked, wanted);
  if (isCurrent || options.check === true) {
    return { ...described(wanted, locked), ...changes, state: isCurrent ? "kept" : "stale" };
  }
  const chosen = await inTurn(wanted, options, async (work) => {
    const all = await readLock(path);
    const known = all.get(wanted.environment)?.packages ?? [];
    const found = await choose(work, await work.equip(undefined), known);
    await writeLock(path, new Map([...all, [wanted.environment, found]]));
    return found;
  });
  return { ...described(wanted, chosen), ...changes, state: "written" };
}

function described(
  wanted: Wanted,
  locked: LockedEnvironment | undefined,
): Pick<EnvironmentLock, "environment" | "path" | "packages"> {
  const packages = locked?.packages ?? [];
  return { environment: wanted.environment, path: lockPathOf(wanted), packages };
}
