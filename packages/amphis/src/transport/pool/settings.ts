import { checkCount, checkRange, exponentialBackoff } from "../backoff.ts";
import { MAX_DELAY_MS, systemClock } from "../clock.ts";
import type { PoolOptions, PoolSettings } from "./contract.ts";

/** @throws {RangeError} naming the option that makes no sense */
export function poolSettings(options: PoolOptions): PoolSettings {
  const { minConnections = 0, maxConnections = 10, healthCheck } = options;
  const { idleTimeoutMs = 60_000, maxLifetimeMs = 0 } = options;
  const { healthCheckTimeoutMs = 5_000, acquireTimeoutMs = 10_000 } = options;
  const { address = "", clock = systemClock, random } = options;
  checkCount("maxConnections", maxConnections, 1);
  checkCount("minConnections", minConnections, 0);
  checkRange("minConnections", minConnections, 0, maxConnections);
  checkRange("idleTimeoutMs", idleTimeoutMs, 0, MAX_DELAY_MS);
  checkRange("maxLifetimeMs", maxLifetimeMs, 0, MAX_DELAY_MS);
  checkRange("healthCheckTimeoutMs", healthCheckTimeoutMs, 1, MAX_DELAY_MS);
  checkRange("acquireTimeoutMs", acquireTimeoutMs, 0, MAX_DELAY_MS);
  return {
    minConnections,
    maxConnections,
    idleTimeoutMs,
    maxLifetimeMs,
    healthCheck,
    healthCheckTimeoutMs,
    acquireTimeoutMs,
    backoff: exponentialBackoff(options.backoff, random),
    address,
    clock,
  };
}
