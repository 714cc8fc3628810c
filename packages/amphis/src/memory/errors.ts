import { AmphisError } from "@amphis/protocol";

import type { Holder } from "./holder.ts";

export function exhausted(
  bytes: number,
  available: number,
  why: string,
): AmphisError<"MEMORY_EXHAUSTED"> {
  return new AmphisError(
    "MEMORY_EXHAUSTED",
    `Cannot allocate ${bytes} bytes: ${why}; ${available} are available in all`,
    { requested: bytes, available },
  );
}

export function quotaExceeded(bytes: number, owner: Holder): AmphisError<"MEMORY_QUOTA_EXCEEDED"> {
  const { id, usedBytes, quotaBytes } = owner;
  return new AmphisError(
    "MEMORY_QUOTA_EXCEEDED",
    `Cannot allocate ${bytes} bytes: holder ${id} has ${usedBytes} of ${quotaBytes}`,
    { holder: id, requested: bytes, used: usedBytes, quota: quotaBytes },
  );
}

export function closed(): AmphisError<"ARENA_CLOSED"> {
  return new AmphisError("ARENA_CLOSED", "Cannot allocate: the arena is closed", {});
}
