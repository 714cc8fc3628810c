import {
  type BackoffOptions,
  type BreakerOptions,
  DEVICE_NAME,
  type EnvironmentOptions,
  POOL_RANGES,
  type RecycleOptions,
  type RetryOptions,
  type SessionDefaults,
} from "../pool/index.ts";
import type { WorkerLimits } from "../worker/index.ts";
import {
  environmentName,
  environments,
  isolation,
  libraries,
  ownName,
  policies,
  policy,
} from "./library-shapes.ts";
import type { ConfigLayer, PoolConfig } from "./options.ts";
import {
  choice,
  command,
  either,
  flag,
  list,
  object,
  type ObjectShape,
  path,
  ranged,
  record,
  secret,
  type Shape,
  text,
  variableName,
} from "./shape.ts";

const { limits, recycle, startBackoff, breaker, retry, sessions } = POOL_RANGES;

const backoff: Shape<BackoffOptions> = object<BackoffOptions>("BackoffOptions", {
  initialMs: ranged(startBackoff.initialMs),
  maxMs: ranged(startBackoff.maxMs),
});

const pool: Shape<PoolConfig> = object<PoolConfig>("PoolConfig", {
  profile: choice("process", "thread", "asyncio"),
  workers: ranged(POOL_RANGES.workers),
  minWorkers: ranged(POOL_RANGES.minWorkers),
  threads: ranged(POOL_RANGES.threads),
  packages: list(text("the name of a module")),
  path: either(path(), list(path())),
  environment: environmentName,
  cwd: path(),
  env: object<EnvironmentOptions>("EnvironmentOptions", {
    allow: list(text("the name of an environment variable, in which * may stand last")),
    set: record(variableName(), secret(text("a text", /^[^\0]*$/u))),
  }),
  limits: object<WorkerLimits>("WorkerLimits", {
    memoryBytes: ranged(limits.memoryBytes),
    cpuSeconds: ranged(limits.cpuSeconds),
    files: ranged(limits.files),
    processes: ranged(limits.processes),
    hard: flag(),
  }),
  isolation,
  policy,
  devices: list(text("a device such as cuda:0 or cpu", DEVICE_NAME), 1),
  recycle: object<RecycleOptions>("RecycleOptions", {
    calls: ranged(recycle.calls),
    ageMs: ranged(recycle.ageMs),
    memoryGrowthBytes: ranged(recycle.memoryGrowthBytes),
  }),
  idleMs: ranged(POOL_RANGES.idleMs),
  maxWaiting: ranged(POOL_RANGES.maxWaiting),
  ahead: ranged(POOL_RANGES.ahead),
  shortMs: ranged(POOL_RANGES.shortMs),
  startTimeoutMs: ranged(POOL_RANGES.startTimeoutMs),
  startBackoff: backoff,
  graceMs: ranged(POOL_RANGES.graceMs),
  breaker: object<BreakerOptions>("BreakerOptions", {
    crashes: ranged(breaker.crashes),
    withinMs: ranged(breaker.withinMs),
    coolMs: ranged(breaker.coolMs),
  }),
  retry: object<RetryOptions>("RetryOptions", {
    attempts: ranged(retry.attempts),
    budget: ranged(retry.budget),
    backoff,
  }),
  heartbeatMs: ranged(POOL_RANGES.heartbeatMs),
  unresponsiveMs: ranged(POOL_RANGES.unresponsiveMs),
  maxSessions: ranged(POOL_RANGES.maxSessions),
  sessions: object<SessionDefaults>("SessionDefaults", {
    affinity: choice("queue", "fail", "hint"),
    ttlMs: ranged(sessions.ttlMs),
    maxAgeMs: ranged(sessions.maxAgeMs),
    maxCalls: ranged(sessions.maxCalls),
  }),
  forkServer: flag(),
  spare: flag(),
  ringBytes: ranged(POOL_RANGES.ringBytes),
  spinMs: ranged(POOL_RANGES.spinMs),
  maxFrameBytes: ranged(POOL_RANGES.maxFrameBytes),
});

const layer: Shape<ConfigLayer> = object<ConfigLayer>("ConfigLayer", {
  python: command(
    "a path, a command, or a version such as 3.12",
    // Commands have no exact version in their name, and `3` could be any.
    /^(?!\d+$|\d+\.\d+\.[\d.]+$)[^\0]+$/u,
  ),
  libraries,
  pools: record(ownName, pool),
  environments,
  policies,
});

/** Everything that a configuration may hold, but for its layers. */
export const LAYER: ObjectShape = layer as ObjectShape;

/** Keys of the whole that are layers begin with it. */
export const LAYER_MARK = "$";

/** The one key with the mark that is no layer. */
export const SCHEMA_KEY = "$schema";
