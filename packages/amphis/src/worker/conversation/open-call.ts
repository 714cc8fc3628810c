import type { Luggage } from "../values/index.ts";
import type { CallTally } from "./tally.ts";
import type { Unanswered, Work, WorkSink } from "./work.ts";

/** Work that a worker has and did not answer yet. */
export class OpenCall {
  readonly work: Work;
  sink: WorkSink;
  /** Items that it may still send. */
  credit = 0;
  /** Sequence of the next item. */
  next = 0;
  /** What went with it, until the worker is known to have it. */
  luggage: Luggage | undefined = undefined;
  /** Of work that is `timed`. */
  tally: CallTally | undefined = undefined;
  /** What comes is not wanted, and let go. */
  isDropped = false;
  /** Nobody waits for it any more. */
  isAbandoned = false;
  /** The worker was asked to give it back. */
  isRecalled = false;

  constructor(work: Work, sink: WorkSink) {
    this.work = work;
    this.sink = sink;
  }

  get isStream(): boolean {
    return this.work.stream === true;
  }

  /** The worker answers, so it has what went with the call. */
  arrived(): void {
    this.luggage?.arrived();
    this.luggage = undefined;
  }

  abandon(): void {
    this.isDropped = true;
    this.isAbandoned = true;
    this.sink = NOBODY;
  }
}

const NOBODY: WorkSink = { resolve: ignore, reject: ignore, item: ignore, end: ignore };

function ignore(): void {
  // What was waited for is not wanted any more.
}

/**
 * What a worker did not answer, in the order in which it got it.
 *
 * A worker that does one thing after the other puts each answer into the channel before it begins with the next (spec/worker.md): the
 * first call without an answer may have started, and none behind it. Streams that wait for credit lie between, and nested work goes first.
 *
 * @param wereSent false: the hellos were never over, so nothing was
 */
export function unanswered(
  calls: readonly (readonly [id: number, call: OpenCall])[],
  wereSent: boolean,
): readonly Unanswered[] {
  let isBehind = !wereSent;
  const left: Unanswered[] = [];
  for (const [callId, { work, sink, next, isStream, isAbandoned }] of calls) {
    const mayHaveStarted = !isBehind || (wereSent && (work.nested === true || next > 0));
    if (!isStream && work.nested !== true) isBehind = true;
    if (!isAbandoned) left.push({ callId, work, sink, mayHaveStarted });
  }
  return left;
}
