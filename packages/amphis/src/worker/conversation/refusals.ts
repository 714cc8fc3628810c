import { AmphisError, type Frame, isAmphisError } from "@amphis/protocol";

/** Who it is that sent something. */
export interface WorkerName {
  readonly pool: string;
  readonly worker: number;
}

/** The error for a frame that a worker may not send; it ends the connection. */
export function frameRefused(
  { pool, worker }: WorkerName,
  { kind, callId }: Pick<Frame, "kind" | "callId">,
  why: unknown,
): AmphisError<"WORKER_FRAME_REFUSED"> {
  const reason = why instanceof Error ? why.message : String(why);
  const context = { pool, worker, frame: kind, callId, reason };
  const message = `Cannot go on with worker ${worker} of pool ${pool}: it sent a wrong ${kind}: ${reason}`;
  const cause = why instanceof Error ? why : undefined;
  return new AmphisError("WORKER_FRAME_REFUSED", message, context, { cause });
}

/** Whether what went wrong with a frame says that its worker breaks the protocol, and not that this side cannot take a value. */
export function isBreach(error: unknown): boolean {
  if (!isAmphisError(error)) return false;
  const { category, code } = error;
  return category === "protocol" || category === "codec" || code.startsWith("REFERENCE_");
}

export function syncImpossible(reason: string): AmphisError<"SYNC_IMPOSSIBLE"> {
  return new AmphisError("SYNC_IMPOSSIBLE", `Cannot make blocking call: ${reason}`, { reason });
}

export function conversationClosed(address: string, reason: string): AmphisError {
  const message = `Cannot talk to worker: ${reason}`;
  return new AmphisError("CONNECTION_CLOSED", message, { address, reason });
}
