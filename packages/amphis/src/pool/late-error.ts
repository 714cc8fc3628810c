import { type AmphisError, isAmphisError } from "@amphis/protocol";

import { fromElsewhere, lacksCallSite } from "../worker/index.ts";

/** Errors that have a call site, or are about to get one. */
const placed = new WeakSet<AmphisError>();

/**
 * Marks an error that a pool made by itself, later than the call, so that it gets the call site into its stack.
 *
 * Not those that are of code of the program, such as what a callback threw: their stacks are right.
 */
export function withoutSite(error: unknown): unknown {
  const isOfPool = isAmphisError(error) && error.category === "pool";
  if (!isOfPool || error.code === "CALLBACK_FAILED" || placed.has(error)) return error;
  placed.add(error);
  return lacksCallSite(error) ? error : fromElsewhere(error);
}
