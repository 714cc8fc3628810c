/*
 * Python environments of a project: what libraries need, chosen once, locked with hashes, and installed the same everywhere.
 */

export { openEnvironment, readyEnvironment } from "./open.ts";
export {
  lockEnvironment,
  pruneEnvironments,
  repairEnvironment,
  updateEnvironment,
  verifyEnvironment,
} from "./operations.ts";
export type { EnvironmentUpdate, PackageChange, UpdateEnvironmentOptions } from "./update.ts";
export type { EnvironmentProblem, EnvironmentReport } from "./verify.ts";
export type { EnvironmentLock, LockEnvironmentOptions } from "./lock-environment.ts";
export type { EnvironmentRepair } from "./repair.ts";
export type { Environment, PackageVersion } from "./environment.ts";
export type { EnvironmentRequest, OpenEnvironmentOptions } from "./request.ts";
export { normalizeName, parseRequirement, requirementOf } from "./requirement.ts";
export type { LibraryRequirement, Requirement } from "./requirement.ts";
export type { EnvironmentProgress, OnProgress } from "./progress.ts";
export { formatProgress, ProgressLine } from "./progress-line.ts";
export type { ProgressStream } from "./progress-line.ts";

// The lock, for tools that read it
export { readLock } from "./lock.ts";
export type { Lock, LockedEnvironment, LockedPackage } from "./lock.ts";
