import { AmphisError } from "@amphis/protocol";

import type { CloseReason } from "../transport.ts";

/** Why a link has no connection now. */
export function lossOf(reason: CloseReason, address: string): AmphisError {
  if (reason.kind === "failed") return reason.error;
  const who = reason.kind === "peer" ? "the peer" : "this side";
  return closedError("keep connection", `${who} closed it`, address);
}

export function closedError(
  act: string,
  reason: string,
  address: string,
  cause?: unknown,
): AmphisError {
  return new AmphisError(
    "CONNECTION_CLOSED",
    `Cannot ${act}: ${reason}`,
    { address, reason },
    { cause },
  );
}

export function exhaustedError(attempts: number, address: string, cause: Error): AmphisError {
  return new AmphisError(
    "RECONNECT_EXHAUSTED",
    `Cannot connect again: ${attempts} attempts in a row failed, the last one with: ${cause.message}`,
    { address, attempts },
    { cause },
  );
}

export function queueFullError(limit: number, address: string): AmphisError {
  return new AmphisError(
    "SEND_QUEUE_FULL",
    `Cannot queue frame: more than ${limit} bytes would wait for a connection`,
    { address, limit },
  );
}

/** Whatever `connect` threw, as an error. */
export function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
}
