import { DEFAULT_MAX_FRAME_BYTES, HEADER_BYTES, PROTOCOL_VERSION } from "@amphis/protocol";

import type { ConnectionLimits, ConnectionOptions } from "./transport.ts";
import { TURNS_END } from "./turn.ts";

/** Longest delay that timers take. */
const MAX_DELAY_MS = 0x7fff_ffff;
const VERSIONS = [PROTOCOL_VERSION, PROTOCOL_VERSION] as const;
/** One for all: a server has thousands of connections. */
const DEFAULT_LIMITS: ConnectionLimits = {
  maxFrameBytes: DEFAULT_MAX_FRAME_BYTES,
  versions: VERSIONS,
};

/** How long frames are gathered that follow one which has just left. */
export interface BatchSettings {
  readonly bytes: number;
  /** 0 = until the turn of the event loop ends. */
  readonly delayMs: number;
}

const DEFAULT_BATCH: BatchSettings = { bytes: 0x1_0000, delayMs: 0 };

export interface ConnectionSettings {
  readonly limits: ConnectionLimits;
  readonly highWaterBytes: number;
  readonly heartbeatMs: number;
  /** Undefined: nothing is gathered. */
  readonly batch: BatchSettings | undefined;
}

/** Options of a connection, checked and complete. @throws {RangeError} */
export function connectionSettings(options: ConnectionOptions = {}): ConnectionSettings {
  const {
    maxFrameBytes = DEFAULT_MAX_FRAME_BYTES,
    highWaterBytes = 0x10_0000,
    heartbeatMs = 15_000,
  } = options;
  check("maxFrameBytes", maxFrameBytes, HEADER_BYTES, Number.MAX_SAFE_INTEGER);
  check("highWaterBytes", highWaterBytes, 0, Number.MAX_SAFE_INTEGER);
  check("heartbeatMs", heartbeatMs, 0, MAX_DELAY_MS);
  const limits =
    maxFrameBytes === DEFAULT_MAX_FRAME_BYTES
      ? DEFAULT_LIMITS
      : { maxFrameBytes, versions: VERSIONS };
  return { limits, highWaterBytes, heartbeatMs, batch: batchSettings(options.batch) };
}

function batchSettings(batch: ConnectionOptions["batch"]): BatchSettings | undefined {
  if (batch === "off") return undefined;
  if (batch !== undefined && (typeof batch !== "object" || batch === null)) {
    throw new TypeError(
      `Cannot open connection: batch must be an object or "off", got ${String(batch)}`,
    );
  }
  const { bytes = DEFAULT_BATCH.bytes, delayMs = DEFAULT_BATCH.delayMs } = batch ?? DEFAULT_BATCH;
  check("batch.bytes", bytes, 1, Number.MAX_SAFE_INTEGER);
  check("batch.delayMs", delayMs, 0, MAX_DELAY_MS);
  if (delayMs === 0 && !TURNS_END) return undefined;
  return batch === undefined ? DEFAULT_BATCH : { bytes, delayMs };
}

function check(name: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new RangeError(
    `Cannot open connection: ${name} must be an integer from ${min} to ${max}, got ${value}`,
  );
}
