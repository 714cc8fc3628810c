import { availableParallelism } from "node:os";

import type { WorkerSpec } from "../worker/index.ts";
import { expectIsolation } from "./isolation.ts";
import { backoffOf, type Backoff } from "./backoff.ts";
import type { WorkerChores } from "./chores.ts";
import { type Clock, MAX_DELAY_MS, systemClock } from "./clock.ts";
import { deviceEnvironment } from "./device-environment.ts";
import { workerEnvironment } from "./environment.ts";
import type { PoolOptions, Profile } from "./options.ts";
import type { RecycleOptions } from "./recycling.ts";

/** About the time of a wake-up: looking for longer costs more than it saves. */
const SPIN_MS = 0.05;

/** Options of a pool, checked and complete. */
export interface PoolSettings extends Pick<
  PoolOptions,
  "python" | "placement" | "typed" | "wrap" | "unwrap" | "onLog" | "memory"
> {
  readonly name: string;
  readonly profile: Profile;
  readonly workers: number;
  readonly minWorkers: number;
  /** Calls that one worker does at a time. */
  readonly capacity: number;
  readonly devices: readonly (string | undefined)[];
  readonly recycle: RecycleOptions;
  readonly idleMs: number;
  readonly maxWaiting: number;
  readonly ahead: number;
  readonly shortMs: number;
  readonly startTimeoutMs: number;
  readonly startBackoff: Backoff;
  readonly graceMs: number;
  readonly breaker: NonNullable<PoolOptions["breaker"]>;
  readonly attempts: number;
  readonly retryShare: number;
  readonly retryBackoff: Backoff;
  readonly heartbeatMs: number;
  readonly unresponsiveMs: number;
  readonly maxSessions: number;
  readonly cpuSeconds: number | undefined;
  readonly chores: WorkerChores;
  readonly clock: Clock;
  /** What the workers of a device are started with. */
  specOf(device: string | undefined): WorkerSpec;
}

/** Calls at a time of one worker, where nothing is said. */
const CAPACITY: Record<Profile, number> = { process: 1, thread: 8, asyncio: 256 };

/**
 * @throws {TypeError | RangeError} naming the option that makes no sense
 */
export function poolSettings(options: PoolOptions): PoolSettings {
  const { name = "default", profile = "process", clock = systemClock, random } = options;
  if (!Object.hasOwn(CAPACITY, profile)) {
    throw new TypeError(`Cannot open pool: profile must be process, thread or asyncio`);
  }
  if (typeof options.python !== "string" || options.python === "") {
    throw new TypeError("Cannot open pool: python must name an interpreter");
  }
  const { recycle = {}, breaker = {}, retry = {}, limits } = options;
  checkParts(options);
  expectIsolation(options);
  const counts = workerCounts(options);
  return {
    ...numbers(options),
    ...counts,
    python: options.python,
    placement: options.placement,
    typed: options.typed,
    wrap: options.wrap,
    unwrap: options.unwrap,
    onLog: options.onLog,
    memory: options.memory,
    name,
    profile,
    capacity: profile === "process" ? 1 : count("threads", options.threads ?? CAPACITY[profile], 1),
    recycle,
    startBackoff: backoffOf(options.startBackoff, random),
    breaker,
    attempts: count("retry.attempts", retry.attempts ?? 3, 1),
    retryShare: range("retry.budget", retry.budget ?? 0.2, 0, 1),
    retryBackoff: backoffOf(
      { initialMs: retry.backoff?.initialMs ?? 50, maxMs: retry.backoff?.maxMs ?? 2_000 },
      random,
    ),
    cpuSeconds: limits?.cpuSeconds,
    chores: options.chores ?? {},
    clock,
    specOf: specMaker(options, name, profile, counts.workers),
  };
}

function numbers(options: PoolOptions) {
  const { idleMs = 60_000, maxWaiting = 10_000, ahead = 64, startTimeoutMs = 60_000 } = options;
  const {
    shortMs = 2,
    graceMs = 2_000,
    heartbeatMs = 1_000,
    unresponsiveMs = 0,
    maxSessions = 1_024,
  } = options;
  return {
    idleMs: range("idleMs", idleMs, 0, MAX_DELAY_MS),
    maxWaiting: count("maxWaiting", maxWaiting, 0),
    ahead:
      options.profile === "process" || options.profile === undefined ? count("ahead", ahead, 0) : 0,
    startTimeoutMs: range("startTimeoutMs", startTimeoutMs, 1, MAX_DELAY_MS),
    shortMs: range("shortMs", shortMs, 0, MAX_DELAY_MS),
    graceMs: range("graceMs", graceMs, 0, MAX_DELAY_MS),
    heartbeatMs: range("heartbeatMs", heartbeatMs, 1, MAX_DELAY_MS),
    unresponsiveMs: range("unresponsiveMs", unresponsiveMs, 0, MAX_DELAY_MS),
    maxSessions: count("maxSessions", maxSessions, 0),
  };
}

function workerCounts(options: PoolOptions) {
  const { devices } = options;
  const crews = devices === undefined || devices.length === 0 ? [undefined] : [...devices];
  for (const device of crews) if (device !== undefined) deviceEnvironment(device);
  if (new Set(crews).size < crews.length) {
    throw new RangeError("Cannot open pool: devices names one of them twice");
  }
  const workers = count(
    "workers",
    options.workers ?? Math.max(availableParallelism(), crews.length),
    crews.length,
  );
  const minWorkers = count("minWorkers", options.minWorkers ?? crews.length, 0);
  range("minWorkers", minWorkers, 0, workers);
  return { devices: crews, workers, minWorkers };
}

function checkParts({ recycle = {}, breaker = {} }: PoolOptions): void {
  count("recycle.calls", recycle.calls ?? 1, 1);
  range("recycle.ageMs", recycle.ageMs ?? 1, 1, Number.MAX_VALUE);
  range("recycle.memoryGrowthBytes", recycle.memoryGrowthBytes ?? 1, 1, Number.MAX_VALUE);
  count("breaker.crashes", breaker.crashes ?? 0, 0);
  range("breaker.withinMs", breaker.withinMs ?? 1, 1, MAX_DELAY_MS);
  range("breaker.coolMs", breaker.coolMs ?? 1, 1, MAX_DELAY_MS);
}

/** Undefined: only this side looks. Workers that look take time from each other where there are more of them than CPUs. */
function spinMsOf(workers: number): number | undefined {
  const cpus = availableParallelism();
  return cpus > 1 && workers <= cpus ? SPIN_MS : undefined;
}

function specMaker(
  options: PoolOptions,
  pool: string,
  profile: Profile,
  workers: number,
): PoolSettings["specOf"] {
  const { python, threads, preload, path, cwd, env = {}, limits, forkServer, spare } = options;
  const { memory, ringBytes, maxFrameBytes, isolation, policy } = options;
  const spinMs = options.spinMs ?? spinMsOf(workers);
  const base = workerEnvironment(env, process.env);
  return (device) => ({
    pool,
    python,
    profile,
    threads: profile === "process" ? undefined : (threads ?? CAPACITY[profile]),
    preload,
    path,
    cwd,
    env: device === undefined ? base : { ...base, ...deviceEnvironment(device) },
    limits,
    isolation,
    policy,
    forkServer,
    spare: spare ?? true,
    memory,
    ringBytes,
    spinMs,
    maxFrameBytes,
  });
}

function count(name: string, value: number, min: number): number {
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new RangeError(
    `Cannot open pool: ${name} must be an integer of ${min} or more, got ${String(value)}`,
  );
}

function range(name: string, value: number, min: number, max: number): number {
  if (typeof value === "number" && value >= min && value <= max) return value;
  throw new RangeError(
    `Cannot open pool: ${name} must be a number from ${min} to ${max}, got ${String(value)}`,
  );
}
