import { resolve } from "node:path";

import type { PoolOptions } from "../pool/index.ts";
import type { PythonOptions, PythonPoolOptions } from "./contract.ts";
import {
  expectBoolean,
  expectFunction,
  expectKnown,
  expectText,
  expectTexts,
  kindOf,
} from "./known-options.ts";
import { expectMemory } from "./memory.ts";

/** Options of a pool that are its own: what is said for the default pool says nothing about others. */
const OWN = ["workers", "minWorkers", "threads", "profile", "devices"] as const;

/** The compiler sees to it that none is missing. */
const POOL: Readonly<Record<keyof PythonPoolOptions, true>> = {
  workers: true,
  minWorkers: true,
  threads: true,
  profile: true,
  devices: true,
  packages: true,
  path: true,
  environment: true,
  cwd: true,
  env: true,
  limits: true,
  isolation: true,
  policy: true,
  recycle: true,
  idleMs: true,
  maxWaiting: true,
  ahead: true,
  shortMs: true,
  startTimeoutMs: true,
  startBackoff: true,
  graceMs: true,
  breaker: true,
  retry: true,
  heartbeatMs: true,
  unresponsiveMs: true,
  maxSessions: true,
  sessions: true,
  forkServer: true,
  spare: true,
  ringBytes: true,
  spinMs: true,
  maxFrameBytes: true,
};

const PYTHON: Readonly<Record<keyof PythonOptions, true>> = {
  ...POOL,
  python: true,
  pools: true,
  memory: true,
  config: true,
  watch: true,
  onLog: true,
  onProgress: true,
  checks: true,
};

/** What all pools have in common. */
const SHARED = ["python", "memory", "config", "watch", "onLog", "onProgress", "checks"] as const;

type Parts = "env" | "limits" | "recycle" | "breaker" | "retry" | "startBackoff" | "sessions";

/** Options within options. */
const PARTS: {
  readonly [P in Parts]: Readonly<Record<keyof NonNullable<PythonPoolOptions[P]>, true>>;
} = {
  env: { allow: true, set: true },
  limits: { memoryBytes: true, cpuSeconds: true, files: true, processes: true, hard: true },
  recycle: { calls: true, ageMs: true, memoryGrowthBytes: true },
  breaker: { crashes: true, withinMs: true, coolMs: true },
  retry: { attempts: true, budget: true, backoff: true },
  startBackoff: { initialMs: true, maxMs: true },
  sessions: { affinity: true, ttlMs: true, maxAgeMs: true, maxCalls: true },
};

/** What cannot be done, in messages. */
const OPEN = "open Python";

/** Name of the pool that calls go to when they name none. */
export const DEFAULT_POOL = "default";

/** What is asked of one pool. */
export interface PoolRequest extends Omit<PoolOptions, "python"> {
  readonly name: string;
}

/**
 * The pools that options ask for, the default one first.
 *
 * @throws {TypeError} for an option that there is not, naming it, and for options of a wrong type
 */
export function poolRequests(options: PythonOptions): readonly PoolRequest[] {
  expectKnown("open Python", options, PYTHON);
  expectShared(options);
  checkParts(options);
  const { pools = {}, ...own } = options;
  const base = without(own, SHARED);
  const shared = without(base, OWN);
  if (typeof pools !== "object" || pools === null || Array.isArray(pools)) {
    throw new TypeError("Cannot open Python: pools must be an object of options by name");
  }
  const named = Object.entries(pools).map(([name, own]) => {
    if (name === DEFAULT_POOL) {
      throw new TypeError(
        "Cannot open Python: options of the pool default stand beside pools, not in it",
      );
    }
    expectKnown(`open pool ${name}`, own, POOL);
    checkParts(own);
    return requestOf(name, { ...shared, ...given(own) });
  });
  return [requestOf(DEFAULT_POOL, given(base)), ...named];
}

/** What is wrong with the options that all pools share, before anything is started. */
function expectShared(options: PythonOptions): void {
  const { python, memory, watch, checks, onLog, onProgress } = options;
  if (python !== undefined) expectText(OPEN, "python", python);
  if (watch !== undefined) expectBoolean(OPEN, "watch", watch);
  if (checks !== undefined) expectBoolean(OPEN, "checks", checks);
  if (onLog !== undefined) expectFunction(OPEN, "onLog", onLog);
  if (onProgress !== undefined) expectFunction(OPEN, "onProgress", onProgress);
  expectMemory(memory);
}

function requestOf(
  name: string,
  { packages, path, environment, ...rest }: PythonPoolOptions,
): PoolRequest {
  expectEnvironment(environment);
  const folders = typeof path === "string" ? [path] : path;
  return {
    ...rest,
    name,
    preload: texts("packages", packages),
    path: texts("path", folders)?.map((folder) => resolve(folder)),
  };
}

/** Modules of libraries are loaded beside those that are named. */
export function withPreloads(
  requests: readonly PoolRequest[],
  preloads: ReadonlyMap<string, readonly string[]> | undefined,
): readonly PoolRequest[] {
  if (preloads === undefined) return requests;
  return requests.map((request) => {
    const modules = new Set([...(request.preload ?? []), ...(preloads.get(request.name) ?? [])]);
    return modules.size === 0 ? request : { ...request, preload: [...modules] };
  });
}

function checkParts(options: PythonPoolOptions): void {
  for (const [name, known] of Object.entries(PARTS)) {
    const part: unknown = options[name as Parts];
    if (part !== undefined) expectKnown(`open Python with ${name}`, part, known);
  }
}

function texts(name: string, list: unknown): readonly string[] | undefined {
  if (list === undefined) return undefined;
  expectTexts("open Python", name, list);
  return list as readonly string[];
}

/** An option that is undefined is one that was not given. */
function given<T extends object>(options: T): T {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}

function expectEnvironment(environment: unknown): void {
  if (environment === undefined || environment === false || typeof environment === "string") return;
  const got = kindOf(environment);
  throw new TypeError(`Cannot open Python: environment must be a name, or false; got ${got}`);
}

function without(options: PythonPoolOptions, names: readonly string[]): PythonPoolOptions {
  return Object.fromEntries(
    Object.entries(given(options)).filter(([name]) => !names.includes(name)),
  );
}
