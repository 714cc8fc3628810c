import type { WorkerLimits } from "../worker/index.ts";
import type { BackoffOptions } from "./backoff.ts";
import type { BreakerOptions } from "./breaker.ts";
import { MAX_DELAY_MS } from "./clock.ts";
import type { PoolOptions, RetryOptions } from "./options.ts";
import type { RecycleOptions } from "./recycling.ts";
import type { SessionDefaults } from "./session.ts";

/** Numbers that an option can be. */
export interface NumberRange {
  readonly min: number;
  /** @default none: Infinity too, unless it is whole */
  readonly max?: number | undefined;
  readonly whole: boolean;
  /** Whole, and Infinity too, which is no limit. @default false */
  readonly endless?: boolean | undefined;
  /** Only powers of two. @default false */
  readonly powerOfTwo?: boolean | undefined;
}

type NumberOption<T> = {
  [K in keyof T]-?: NonNullable<T[K]> extends number ? K : never;
}[keyof T];

/** One for each option that is a number; the compiler sees to it that none is missing. */
type Ranges<T> = { readonly [K in NumberOption<T>]-?: NumberRange };

/** What numbers the options of a pool can be: here, in configuration files, and in their schema. */
export interface PoolRanges extends Ranges<PoolOptions> {
  readonly limits: Ranges<WorkerLimits>;
  readonly recycle: Ranges<RecycleOptions>;
  readonly startBackoff: Ranges<BackoffOptions>;
  readonly breaker: Ranges<BreakerOptions>;
  readonly retry: Ranges<RetryOptions> & { readonly backoff: Ranges<BackoffOptions> };
  readonly sessions: Ranges<SessionDefaults>;
}

const fromZero: NumberRange = { min: 0, whole: true };
const fromOne: NumberRange = { min: 1, whole: true };
const above: NumberRange = { min: 1, whole: false };
const wait: NumberRange = { min: 0, max: MAX_DELAY_MS, whole: false };
const waitAtLeastOne: NumberRange = { min: 1, max: MAX_DELAY_MS, whole: false };
const backoff: Ranges<BackoffOptions> = { initialMs: wait, maxMs: wait };

export const POOL_RANGES: PoolRanges = {
  workers: fromOne,
  minWorkers: fromZero,
  threads: fromOne,
  limits: {
    memoryBytes: fromOne,
    cpuSeconds: fromOne,
    // A worker of the profile asyncio has 20 open itself, and opens files of modules.
    files: { min: 32, whole: true },
    processes: fromOne,
  },
  recycle: { calls: fromOne, ageMs: above, memoryGrowthBytes: above },
  idleMs: wait,
  maxWaiting: fromZero,
  ahead: fromZero,
  shortMs: wait,
  startTimeoutMs: waitAtLeastOne,
  startBackoff: backoff,
  graceMs: wait,
  breaker: { crashes: fromZero, withinMs: waitAtLeastOne, coolMs: waitAtLeastOne },
  retry: { attempts: fromOne, budget: { min: 0, max: 1, whole: false }, backoff },
  heartbeatMs: waitAtLeastOne,
  unresponsiveMs: wait,
  maxSessions: fromZero,
  sessions: { ttlMs: above, maxAgeMs: above, maxCalls: { min: 1, whole: true, endless: true } },
  // What rings are made of: an empty one has no room for the head of a message below that.
  ringBytes: { min: 128, max: 2 ** 30, whole: true, powerOfTwo: true },
  spinMs: { min: 0, max: 1_000, whole: false },
  // Both sides have to agree, in a message of up to 64 KiB.
  maxFrameBytes: { min: 65_536, whole: true },
};

export function isInRange(value: number, range: NumberRange): boolean {
  const { min, max = Infinity, whole, endless, powerOfTwo } = range;
  if (!(value >= min && value <= max)) return false;
  if (endless === true && value === Infinity) return true;
  if (whole && !Number.isSafeInteger(value)) return false;
  return powerOfTwo !== true || Number.isInteger(Math.log2(value));
}

/** In words: `a whole number of 1 or more`. */
export function rangeText({ min, max, whole, powerOfTwo }: NumberRange): string {
  const number = whole ? "a whole number" : "a number";
  const kind = powerOfTwo === true ? "a power of two" : number;
  return max === undefined ? `${kind} of ${min} or more` : `${kind} from ${min} to ${max}`;
}
