import { AmphisError } from "@amphis/protocol";

import { memoryExhausted } from "../telemetry/index.ts";
import type { Holder } from "./holder.ts";

/** There is no room; telemetry is told. */
export function exhausted(
  bytes: number,
  available: number,
  why: string,
): AmphisError<"MEMORY_EXHAUSTED"> {
  if (memoryExhausted.hasSubscribers) {
    memoryExhausted.publish({ code: "MEMORY_EXHAUSTED", requestedBytes: bytes, reason: why });
  }
  return new AmphisError(
    "MEMORY_EXHAUSTED",
    `Cannot allocate ${bytes} bytes: ${why}; ${available} are available in all`,
    { requested: bytes, available },
  );
}

/** A holder has as much as it may; telemetry is told. */
export function quotaExceeded(bytes: number, owner: Holder): AmphisError<"MEMORY_QUOTA_EXCEEDED"> {
  const { id, usedBytes, quotaBytes } = owner;
  const reason = `holder ${id} has ${usedBytes} of ${quotaBytes}`;
  if (memoryExhausted.hasSubscribers) {
    memoryExhausted.publish({ code: "MEMORY_QUOTA_EXCEEDED", requestedBytes: bytes, reason });
  }
  return new AmphisError("MEMORY_QUOTA_EXCEEDED", `Cannot allocate ${bytes} bytes: ${reason}`, {
    holder: id,
    requested: bytes,
    used: usedBytes,
    quota: quotaBytes,
  });
}

export function closed(): AmphisError<"ARENA_CLOSED"> {
  return new AmphisError("ARENA_CLOSED", "Cannot allocate: the arena is closed", {});
}
