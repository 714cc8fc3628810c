import type { EnvironmentLock, LockEnvironmentOptions } from "./lock-environment.ts";
import type { EnvironmentRepair } from "./repair.ts";
import type { EnvironmentRequest, OpenEnvironmentOptions } from "./request.ts";
import type { EnvironmentUpdate, UpdateEnvironmentOptions } from "./update.ts";
import type { EnvironmentReport } from "./verify.ts";

/*
 * What is done with environments beside opening them. Each is loaded when it is first used: programs only open.
 */

/**
 * Chooses versions for what is asked for, where the lock does not know it yet, and writes the lock. Nothing is installed.
 *
 * @throws {AmphisError} as `openEnvironment`
 */
export async function lockEnvironment(
  request: EnvironmentRequest,
  options: LockEnvironmentOptions = {},
): Promise<EnvironmentLock> {
  const { lock } = await import("./lock-environment.ts");
  return lock(request, options);
}

/**
 * Chooses versions anew, makes the environment that they need, and writes the lock.
 *
 * When it fails, the lock and the environment are as they were.
 *
 * @throws {AmphisError} as {@link openEnvironment}
 */
export async function updateEnvironment(
  request: EnvironmentRequest,
  options: UpdateEnvironmentOptions = {},
): Promise<EnvironmentUpdate> {
  const { update } = await import("./update.ts");
  return update(request, options);
}

/**
 * Looks at everything in an environment: each file's presence, size and hash, versions against the lock, and whether modules import.
 *
 * Nothing is changed.
 */
export async function verifyEnvironment(
  request: EnvironmentRequest,
  options: OpenEnvironmentOptions = {},
): Promise<EnvironmentReport> {
  const { verify } = await import("./verify.ts");
  return verify(request, options);
}

/**
 * Puts an environment right: packages that are broken are installed again, from the lock, and nothing else is touched.
 *
 * Where that does not help, such as when somebody installed more than the lock names, the environment is made again in a folder of its own.
 * While it is mended nobody opens it, and a repair that is interrupted leads to one that is made again.
 *
 * @throws {AmphisError} ENVIRONMENT_BROKEN when it is still not right; as {@link openEnvironment}
 * @throws {TypeError} for an environment that is taken as it is
 */
export async function repairEnvironment(
  request: EnvironmentRequest,
  options: OpenEnvironmentOptions = {},
): Promise<EnvironmentRepair> {
  const { repair } = await import("./repair.ts");
  return repair(request, options);
}

/** Removes the environments of a project that its lock does not name any more, and gives their folders. */
export async function pruneEnvironments(
  request: Pick<EnvironmentRequest, "project" | "name">,
  options: OpenEnvironmentOptions = {},
): Promise<readonly string[]> {
  const { prune } = await import("./update.ts");
  return prune(request, options);
}
