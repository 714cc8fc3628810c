import { Tuple } from "@amphis/protocol";

import type { Work } from "../../../worker/index.ts";
import type { FunctionPlan } from "../function-plan.ts";
import type { Batched } from "./batcher.ts";

/** Module of what workers do with many calls in one message. */
const BATCHES = "amphis._internal.worker.batches";

/**
 * Many calls as one, with the hooks of Python around each.
 *
 * @param many does them all at once, and takes a list of argument tuples; absent: the function is called for each
 */
export function batchWork(
  { target, member, library: { callHooks: hooks } }: FunctionPlan,
  many: string | undefined,
  calls: readonly Batched[],
): Work {
  const name = `${many ?? target} (${calls.length} calls)`;
  if (many !== undefined && hooks === undefined) {
    const tuples = calls.map(({ args }) => Tuple.from(args));
    return { kind: "call", name, function: many, args: [tuples] };
  }
  const given = calls.map(({ args, kwargs = {} }) => [args, kwargs]);
  const around = hooks === undefined ? [] : [hooks, member];
  return {
    kind: "call",
    name,
    function: `${BATCHES}:${many === undefined ? "many" : "at_once"}`,
    args: [many ?? target, given, ...around],
  };
}
