/*
 * Python workers and the calls that they do. Start with `WorkerPool.open`.
 */

export { WorkerPool } from "./pool.ts";
export type { CallOptions, PoolOptions, Profile, RetryOptions } from "./options.ts";
export type { WorkerChores } from "./chores.ts";
export type { BackoffOptions } from "./backoff.ts";
export type { BreakerOptions } from "./breaker.ts";
export type { EnvironmentOptions } from "./environment.ts";
export type { RecycleOptions } from "./recycling.ts";
export { Session } from "./session.ts";
export type { SessionAffinity, SessionDefaults, SessionOptions, SessionState } from "./session.ts";

// What a pool tells of itself
export type { BreakerStatus, PoolStatus, SessionStatus, WorkerStatus } from "./status.ts";
export type { CallCounts, WorkerCounts } from "./statistics.ts";
export type { Crash, CrashPattern } from "./crash-history.ts";
export type { DeathKind, KillReason } from "./death.ts";
export { Latency } from "./latency.ts";
export type { LatencySummary } from "./latency.ts";
export type { WorkerHealth } from "./pool-worker.ts";

// What options can be, for who reads them from elsewhere
export { DEVICE_NAME } from "./device-environment.ts";
export { expectPoolOptions } from "./expect-options.ts";
export { isInRange, POOL_RANGES, rangeText } from "./ranges.ts";
export type { NumberRange } from "./ranges.ts";

// For who tells why something failed
export { reasonText } from "./reason-text.ts";

// For who settles promises of callers
export { withoutCaller, withoutSite } from "./late-error.ts";
