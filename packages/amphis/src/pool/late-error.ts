import { type AmphisError, isAmphisError } from "@amphis/protocol";

import { fromElsewhere, fromHere, lacksCallSite } from "../worker/index.ts";

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

/**
 * Marks an error that was made by this program while a chain was sent, so that it gets the place where the chain is awaited into its stack:
 * the engine asks for the answer of a chain when nothing of the caller is on the stack any more.
 */
export function withoutCaller(error: unknown): unknown {
  if (!isAmphisError(error) || placed.has(error)) return error;
  placed.add(error);
  return lacksCallSite(error) ? error : fromHere(error);
}
