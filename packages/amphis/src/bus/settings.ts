import { type CodecName, DEFAULT_MAX_FRAME_BYTES } from "@amphis/protocol";

import type { ConnectionOptions, Transport } from "../transport/index.ts";
import type { BusOptions } from "./bus.ts";
import { expectPositive } from "./arguments.ts";
import { checkName } from "./name.ts";

/** Options of a bus, checked and complete. */
export interface BusSettings extends Pick<
  BusOptions,
  | "join"
  | "token"
  | "tokens"
  | "admit"
  | "allow"
  | "schemas"
  | "reconnect"
  | "signal"
  | "onState"
  | "onError"
> {
  readonly listen: readonly string[];
  readonly name: string;
  readonly codec: CodecName;
  readonly transports: readonly Transport[];
  readonly connection: ConnectionOptions;
  readonly heartbeatMs: number;
  readonly maxFrameBytes: number;
  readonly queueBytes: number;
  readonly maxPendingCalls: number;
}

const CODECS: readonly string[] = ["msgpack", "compact", "json"];

/**
 * @throws {TypeError | RangeError} for options that make no sense
 * @throws {AmphisError} NAME_INVALID
 */
export function busSettings(options: BusOptions): BusSettings {
  const {
    listen = [],
    join,
    name = "node",
    codec = "msgpack",
    transports = [],
    connection = {},
    queueBytes = 0x100_0000,
    maxPendingCalls = 65_536,
    tokens,
  } = options;
  const addresses = typeof listen === "string" ? [listen] : listen;
  if (join !== undefined && addresses.length > 0) {
    throw new TypeError("Cannot open bus: give listen or join, not both");
  }
  if (!CODECS.includes(codec)) {
    throw new TypeError(`Cannot open bus: codec must be one of ${CODECS.join(", ")}`);
  }
  checkName("member", name);
  if (tokens === "") throw new TypeError("Cannot open bus: an empty token protects nothing");
  expectPositive("queueBytes", queueBytes);
  expectPositive("maxPendingCalls", maxPendingCalls);
  const { heartbeatMs = 5_000, highWaterBytes = 0x4_0000 } = connection;
  return {
    ...options,
    listen: addresses,
    name,
    codec,
    transports,
    queueBytes,
    maxPendingCalls,
    heartbeatMs,
    maxFrameBytes: connection.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
    connection: { ...connection, heartbeatMs, highWaterBytes },
  };
}
