import { callOptions } from "@amphis/protocol";

import type { Encoded, OutgoingValues } from "../values/index.ts";
import type { Work } from "./work.ts";

const NO_ARGS: readonly unknown[] = Object.freeze([]);
const NO_KWARGS = Object.freeze({});
const NO_OPTIONS = Object.freeze({});

/** The frame of some work. @throws as {@link OutgoingValues.encode} */
export function encodeWork(values: OutgoingValues, callId: number, work: Work): Encoded {
  const options = isPlain(work) ? NO_OPTIONS : callOptions(work);
  if (work.kind === "program") return values.encode("program", callId, [work.steps, options]);
  const { args = NO_ARGS, kwargs = NO_KWARGS } = work;
  return values.encode("call", callId, [work.function, args, kwargs, options]);
}

/** Whether there is nothing to say but what is to be done, as of most work. */
function isPlain(work: Work): boolean {
  return (
    work.ttlMs === undefined &&
    work.idempotent === undefined &&
    work.stream !== true &&
    work.result === undefined &&
    work.traceparent === undefined &&
    work.timed === undefined &&
    work.nested === undefined &&
    work.operations === undefined
  );
}
