import { DEFAULT_MAX_FRAME_BYTES, HEADER_BYTES } from "@amphis/protocol";

import type { ConnectionOptions } from "./transport.ts";

/** Longest delay that timers take. */
const MAX_DELAY_MS = 0x7fff_ffff;

/** Options of a connection, checked and complete. @throws {RangeError} */
export function connectionSettings(options: ConnectionOptions = {}): {
  readonly maxFrameBytes: number;
  readonly highWaterBytes: number;
  readonly heartbeatMs: number;
} {
  const {
    maxFrameBytes = DEFAULT_MAX_FRAME_BYTES,
    highWaterBytes = 0x10_0000,
    heartbeatMs = 15_000,
  } = options;
  check("maxFrameBytes", maxFrameBytes, HEADER_BYTES, Number.MAX_SAFE_INTEGER);
  check("highWaterBytes", highWaterBytes, 0, Number.MAX_SAFE_INTEGER);
  check("heartbeatMs", heartbeatMs, 0, MAX_DELAY_MS);
  return { maxFrameBytes, highWaterBytes, heartbeatMs };
}

function check(name: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new RangeError(
    `Cannot open connection: ${name} must be an integer from ${min} to ${max}, got ${value}`,
  );
}
