/** One call, program or stream for a worker. Never changes; it is encoded anew for each worker that gets it. */
export interface Work {
  readonly kind: "call" | "program";
  /** For people: `numpy.linalg:norm`, `read_csv().groupby()`. */
  readonly name: string;
  /** Of a call: `module:attribute`. */
  readonly function?: string | undefined;
  /** @default none */
  readonly args?: readonly unknown[] | undefined;
  /** @default none */
  readonly kwargs?: Readonly<Record<string, unknown>> | undefined;
  /** Of a program. */
  readonly steps?: readonly Step[] | undefined;
  /** How the result travels. @default "auto" */
  readonly result?: ResultMode | undefined;
  /** Whether the answer is a stream of items. @default false */
  readonly stream?: boolean | undefined;
  /** Asked from within a callback of a call in progress, and to be done before that goes on. @default false */
  readonly nested?: boolean | undefined;
  /** Of what is nested, the callId of that callback: the thread that waits for it does the work. */
  readonly within?: number | undefined;
  /** Whether somebody hears of the operations that the code tells of. @default false */
  readonly operations?: boolean | undefined;
  /** W3C trace context for the code that is called. */
  readonly traceparent?: string | undefined;
  /** Whether the answer tells how long it took. @default false */
  readonly timed?: boolean | undefined;
  /** What is left of the deadline. */
  readonly ttlMs?: number | undefined;
  /** Whether it may be done twice. @default false */
  readonly idempotent?: boolean | undefined;
}

/** `value`: refused when it is none; `handle`: a live object whatever it is; `arrow`: a table. */
export type ResultMode = "auto" | "value" | "handle" | "arrow";

/** One step of a program (spec/worker.md). Targets and values may be anything that can be sent, and a {@link StepRef}. */
export type Step =
  | readonly ["name", name: string]
  | readonly ["get", target: unknown, name: string]
  | readonly ["set", target: unknown, name: string, value: unknown]
  | readonly ["delete", target: unknown, name: string]
  | readonly [
      "call",
      target: unknown,
      args: readonly unknown[],
      kwargs: Readonly<Record<string, unknown>>,
    ]
  | readonly ["item", target: unknown, key: unknown]
  | readonly ["setItem", target: unknown, key: unknown, value: unknown]
  | readonly ["deleteItem", target: unknown, key: unknown]
  | readonly ["value", value: unknown];

/** The result of an earlier step of the same program. */
export class StepRef {
  readonly index: number;

  /** @throws {RangeError} when the index is not an integer from 0 */
  constructor(index: number) {
    if (!Number.isSafeInteger(index) || index < 0) {
      throw new RangeError(`Cannot refer to step: index must be an integer from 0, got ${index}`);
    }
    this.index = index;
  }
}

/** Where the worker spent its time on a call, in nanoseconds. */
export interface WorkerTimes {
  readonly decodeNs: number;
  readonly runNs: number;
  readonly encodeNs: number;
}

/** What a call took whose work is `timed`. */
export interface CallFigures {
  /** Absent for streams and for calls that failed, of which the worker does not tell. */
  readonly worker?: WorkerTimes | undefined;
  /** Values of this program to bytes. */
  readonly encodeMs: number;
  /** Bytes to values of this program. */
  readonly decodeMs: number;
  /** Through the channel, headers included. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Named in shared memory instead. */
  readonly sharedOutBytes: number;
  readonly sharedInBytes: number;
}

/**
 * Who waits for an answer.
 *
 * One of `resolve`, `reject`, `end` and `returned` is called, once, while the frame of the answer is handled; items of a stream come before.
 * Figures come with the answers of work that is `timed`.
 * What it throws ends the connection, so it throws nothing.
 */
export interface WorkSink {
  resolve(value: unknown, figures?: CallFigures): void;
  reject(error: unknown, figures?: CallFigures): void;
  /** The next item of a stream. */
  item?(value: unknown): void;
  /** There are no more items. */
  end?(figures?: CallFigures): void;
  /** The worker has not begun with it and never will; comes only after a `recall`. */
  returned?(): void;
}

/** Work that a worker held when it ended. */
export interface Unanswered {
  readonly callId: number;
  readonly work: Work;
  readonly sink: WorkSink;
  /** Whether the worker may have begun with it. Only for workers that do one thing after the other this is ever false. */
  readonly mayHaveStarted: boolean;
}
