import { AmphisError } from "@amphis/protocol";

/** The bytes are no Arrow table, or contradict themselves. */
export function invalid(reason: string): AmphisError<"ARROW_INVALID"> {
  return new AmphisError("ARROW_INVALID", `Cannot use table: ${reason}`, { reason });
}

/** The bytes may be a table, but one that cannot be shown in place without the risk of wrong values. */
export function unsupported(feature: string): AmphisError<"ARROW_UNSUPPORTED"> {
  return new AmphisError("ARROW_UNSUPPORTED", `Cannot use table: ${feature} is not supported`, {
    feature,
  });
}
