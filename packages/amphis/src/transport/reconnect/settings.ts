import { type Backoff, checkCount, checkRange, exponentialBackoff } from "../backoff.ts";
import { type Clock, MAX_DELAY_MS, systemClock } from "../clock.ts";
import type { LinkOptions, LinkState, WhileDown } from "./contract.ts";

/** Options with their defaults. */
export interface LinkSettings {
  readonly backoff: Backoff;
  readonly maxAttempts: number;
  readonly stableMs: number;
  readonly whileDown: WhileDown;
  readonly queueBytes: number;
  readonly onState: ((state: LinkState) => void) | undefined;
  readonly address: string;
  readonly clock: Clock;
}

/** @throws {RangeError | TypeError} naming the option that makes no sense */
export function linkSettings(options: LinkOptions): LinkSettings {
  const { maxAttempts = Infinity, stableMs = 10_000, queueBytes = 0x10_0000 } = options;
  const { whileDown = "fail", address = "", clock = systemClock, onState } = options;
  if (maxAttempts !== Infinity) checkCount("maxAttempts", maxAttempts, 1);
  checkRange("stableMs", stableMs, 0, MAX_DELAY_MS);
  checkCount("queueBytes", queueBytes, 0);
  return {
    backoff: exponentialBackoff(options.backoff, options.random),
    maxAttempts,
    stableMs,
    whileDown: checkWhileDown(whileDown),
    queueBytes,
    onState,
    address,
    clock,
  };
}

/** @throws {TypeError} for anything else */
export function checkWhileDown(value: WhileDown): WhileDown {
  if (value === "fail" || value === "queue") return value;
  throw new TypeError(`Cannot use whileDown: it must be "fail" or "queue", got ${String(value)}`);
}
