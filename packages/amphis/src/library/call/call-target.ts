import type { CallOptions } from "../../pool/index.ts";
import type { Work, WorkSink } from "../../worker/index.ts";

/** Where calls go; the calls of libraries stand in front of it, and are one too. */
export interface CallTarget {
  submit(work: Work, options: CallOptions, sink: WorkSink): void;
  submitSync(work: Work, options: CallOptions): unknown;
  stream(work: Work, options: CallOptions): AsyncIterableIterator<unknown>;
}

/** A function that is called by its name. */
export interface NamedCall {
  /** Dotted: `numpy.linalg.norm`. */
  readonly name: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>> | undefined;
}

/** What work has to do with names. */
export interface Reach {
  /** Everything that it reaches by name alone, dotted, in the order in which that is done. */
  readonly names: readonly string[];
  /** Where the work is one call of something by its name, and nothing else. */
  readonly call: NamedCall | undefined;
  /** The same work, called with these arguments. Only where it is one call. */
  with(args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>): Work;
}

/** Tells what a program reaches. Calls by name need nobody to tell it. */
export type ReachOf = (program: Work) => Reach;
