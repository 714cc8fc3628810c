import { AmphisError } from "@amphis/protocol";

import type { FunctionPlan } from "./function-plan.ts";

/** The error for a call that waited in vain for its turn at the library. */
export function busy(
  { library: { name, gate }, member }: FunctionPlan,
  waited: number,
): AmphisError<"LIBRARY_BUSY"> {
  const waitedMs = Math.round(waited);
  const waiting = gate?.waiting ?? 0;
  return new AmphisError(
    "LIBRARY_BUSY",
    `Cannot call ${member} of ${name}: it waited ${waitedMs} ms for its turn, and ${waiting} others wait`,
    { library: name, function: member, waitedMs, waiting },
  );
}
