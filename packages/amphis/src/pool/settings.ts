import { availableParallelism } from "node:os";

import type { WorkerSpec } from "../worker/index.ts";
import { backoffOf, type Backoff, RETRY_WAITS, waitsOf } from "./backoff.ts";
import type { WorkerChores } from "./chores.ts";
import { type Clock, systemClock } from "./clock.ts";
import { deviceEnvironment } from "./device-environment.ts";
import { workerEnvironment } from "./environment.ts";
import { expectPoolOptions } from "./expect-options.ts";
import type { PoolOptions, Profile } from "./options.ts";
import type { RecycleOptions } from "./recycling.ts";
import type { SessionDefaults } from "./session.ts";
import { workerCounts } from "./worker-counts.ts";

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
  readonly sessions: SessionDefaults;
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
  if (typeof options.python !== "string" || options.python === "") {
    throw new TypeError("Cannot open pool: python must name an interpreter");
  }
  const { recycle = {}, breaker = {}, retry = {}, limits } = options;
  expectPoolOptions(options);
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
    capacity: profile === "process" ? 1 : (options.threads ?? CAPACITY[profile]),
    recycle,
    startBackoff: backoffOf(options.startBackoff, random),
    breaker,
    attempts: retry.attempts ?? 3,
    retryShare: retry.budget ?? 0.2,
    retryBackoff: backoffOf(waitsOf(retry.backoff, RETRY_WAITS), random),
    sessions: sessionDefaults(options.sessions ?? {}),
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
  const isProcess = options.profile === "process" || options.profile === undefined;
  return {
    idleMs,
    maxWaiting,
    ahead: isProcess ? ahead : 0,
    startTimeoutMs,
    shortMs,
    graceMs,
    heartbeatMs,
    unresponsiveMs,
    maxSessions,
  };
}

function sessionDefaults(options: SessionDefaults): SessionDefaults {
  const {
    affinity = "queue",
    ttlMs = Infinity,
    maxAgeMs = Infinity,
    maxCalls = Infinity,
  } = options;
  return { affinity, ttlMs, maxAgeMs, maxCalls };
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
