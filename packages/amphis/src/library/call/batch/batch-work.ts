import { Tuple } from "@amphis/protocol";

import type { Work } from "../../../worker/index.ts";
import { manyWork } from "../hooks/index.ts";
import type { Batched } from "./batcher.ts";

/**
 * Many calls as one.
 *
 * @param many does them all at once, and takes a list of argument tuples; absent: the function is called for each
 */
export function batchWork(
  target: string,
  many: string | undefined,
  calls: readonly Batched[],
): Work {
  if (many === undefined) {
    return manyWork(
      target,
      calls.map(({ args, kwargs = {} }) => [args, kwargs]),
    );
  }
  const name = `${many} (${calls.length} calls)`;
  return { kind: "call", name, function: many, args: [calls.map(({ args }) => Tuple.from(args))] };
}
