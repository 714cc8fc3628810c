import { AmphisError } from "../error/index.ts";
import type { CodecName } from "./codec.ts";

/** The error for bytes that are no value. */
export function corrupt(
  codec: CodecName,
  offset: number,
  reason: string,
): AmphisError<"DECODE_FAILED"> {
  return new AmphisError("DECODE_FAILED", `Cannot decode ${codec} at byte ${offset}: ${reason}`, {
    codec,
    offset,
    reason,
  });
}

/** The error for bytes that nest too deep. */
export function tooDeep(codec: CodecName, limit: number): AmphisError<"DEPTH_EXCEEDED"> {
  return new AmphisError(
    "DEPTH_EXCEEDED",
    `Cannot decode ${codec}: the value is nested deeper than ${limit} levels`,
    { limit },
  );
}
