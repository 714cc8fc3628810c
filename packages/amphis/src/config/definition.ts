import type {
  BackoffOptions,
  BreakerOptions,
  EnvironmentOptions,
  RecycleOptions,
  RetryOptions,
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
  count,
  either,
  flag,
  list,
  number,
  object,
  type ObjectShape,
  path,
  record,
  secret,
  type Shape,
  text,
  variableName,
} from "./shape.ts";

/** Longest time that timers can wait. */
const MAX_MS = 0x7fff_ffff;

const wait: Shape<number> = number(0, MAX_MS);
const waitAtLeastOne: Shape<number> = number(1, MAX_MS);

const backoff: Shape<BackoffOptions> = object<BackoffOptions>("BackoffOptions", {
  initialMs: wait,
  maxMs: wait,
});

const pool: Shape<PoolConfig> = object<PoolConfig>("PoolConfig", {
  profile: choice("process", "thread", "asyncio"),
  workers: count(1),
  minWorkers: count(0),
  threads: count(1),
  packages: list(text("the name of a module")),
  path: either(path(), list(path())),
  environment: environmentName,
  cwd: path(),
  env: object<EnvironmentOptions>("EnvironmentOptions", {
    allow: list(text("the name of an environment variable, in which * may stand last")),
    set: record(variableName(), secret(text("a text", /^[^\0]*$/u))),
  }),
  limits: object<WorkerLimits>("WorkerLimits", {
    memoryBytes: count(1),
    cpuSeconds: count(1),
    files: count(1),
    processes: count(1),
  }),
  isolation,
  policy,
  devices: list(text("a device such as cuda:0 or cpu")),
  recycle: object<RecycleOptions>("RecycleOptions", {
    calls: count(1),
    ageMs: number(1),
    memoryGrowthBytes: number(1),
  }),
  idleMs: wait,
  maxWaiting: count(0),
  ahead: count(0),
  shortMs: wait,
  startTimeoutMs: waitAtLeastOne,
  startBackoff: backoff,
  graceMs: wait,
  breaker: object<BreakerOptions>("BreakerOptions", {
    crashes: count(0),
    withinMs: waitAtLeastOne,
    coolMs: waitAtLeastOne,
  }),
  retry: object<RetryOptions>("RetryOptions", {
    attempts: count(1),
    budget: number(0, 1),
    backoff,
  }),
  heartbeatMs: waitAtLeastOne,
  unresponsiveMs: wait,
  maxSessions: count(0),
  forkServer: flag(),
  spare: flag(),
  ringBytes: count(1),
  spinMs: number(0),
  maxFrameBytes: count(1),
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
