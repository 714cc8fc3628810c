import type { Environment } from "./environment.ts";
import { readLock } from "./lock.ts";
import { isStale, lockPathOf, openReady } from "./ready.ts";
import {
  type EnvironmentRequest,
  type OpenEnvironmentOptions,
  type Wanted,
  wantedOf,
} from "./request.ts";

/**
 * Opens the Python environment of a project, and makes it first where it is not there yet.
 *
 * Versions come from `amphis.lock`; they are chosen, and written there, only when the requirements are new. One that is ready is opened
 * without running anything. Of several processes that open the same one, one makes it and the others wait.
 *
 * @throws {AmphisError} ENVIRONMENT_CONFLICT, with the explanation, before anything is installed; ENVIRONMENT_OFFLINE;
 *   ENVIRONMENT_HASH_MISMATCH; ENVIRONMENT_LOCK_STALE, ENVIRONMENT_LOCK_MISMATCH or ENVIRONMENT_LOCK_INVALID; ENVIRONMENT_BROKEN;
 *   ENVIRONMENT_TOOL_MISSING; ENVIRONMENT_INSTALL_FAILED; PYTHON_NOT_FOUND
 * @throws {TypeError} for names, versions and options that are none
 * @throws the reason of the signal
 */
export async function openEnvironment(
  request: EnvironmentRequest,
  options: OpenEnvironmentOptions = {},
): Promise<Environment> {
  const wanted = wantedOf(request);
  options.signal?.throwIfAborted();
  const environment =
    wanted.prefix === undefined
      ? await openMade(wanted, options)
      : await openExisting(wanted, wanted.prefix, options);
  options.onProgress?.({ kind: "done", prefix: environment.prefix });
  return environment;
}

/**
 * An environment, where it is ready; nothing is made, chosen or installed.
 *
 * @throws {AmphisError} as `openEnvironment` does, of a lock that cannot be read, and of one that is taken as it is
 */
export async function readyEnvironment(
  request: EnvironmentRequest,
): Promise<Environment | undefined> {
  const wanted = wantedOf(request);
  if (wanted.prefix !== undefined) return openExisting(wanted, wanted.prefix, {});
  return openReady(wanted, (await readLock(lockPathOf(wanted))).get(wanted.environment));
}

/** Whoever takes one as it is has a look at it each time. */
async function openExisting(
  wanted: Wanted,
  prefix: string,
  options: OpenEnvironmentOptions,
): Promise<Environment> {
  const existing = await import("./existing.ts");
  return existing.openExisting(wanted, prefix, options);
}

async function openMade(wanted: Wanted, options: OpenEnvironmentOptions): Promise<Environment> {
  const locked = (await readLock(lockPathOf(wanted))).get(wanted.environment);
  const ready = await openReady(wanted, locked);
  if (ready !== undefined) return ready;
  if (wanted.frozen && (locked === undefined || isStale(locked, wanted))) {
    const { refuseFrozen } = await import("./choose.ts");
    refuseFrozen(wanted, locked);
  }
  const { make } = await import("./make.ts");
  return make(wanted, options);
}
