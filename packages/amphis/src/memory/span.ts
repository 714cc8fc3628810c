import type { Region } from "./region.ts";

/** A piece of a region that is handed out as one. */
export interface Extent {
  readonly region: Region;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * A piece of a region, linked to its neighbours there.
 *
 * All of this lies in the private memory of the process: nothing that a peer can write decides what is handed out.
 */
export class Span implements Extent {
  readonly region: Region;
  readonly offset: number;
  bytes: number;
  /** `resting`: given back, not yet joined with its neighbours. */
  state: "free" | "resting" | "used" = "used";
  before: Span | undefined;
  after: Span | undefined;
  /** Neighbours in the list that the span waits in while nobody uses it. */
  previous: Span | undefined;
  next: Span | undefined;

  constructor(region: Region, offset: number, bytes: number) {
    this.region = region;
    this.offset = offset;
    this.bytes = bytes;
  }
}

/** Spans in a row, by links of their own: adding and taking out moves nothing. */
export class SpanList {
  #first: Span | undefined;
  #last: Span | undefined;
  #length = 0;

  get first(): Span | undefined {
    return this.#first;
  }

  get length(): number {
    return this.#length;
  }

  addFirst(span: Span): void {
    span.previous = undefined;
    span.next = this.#first;
    if (this.#first === undefined) this.#last = span;
    else this.#first.previous = span;
    this.#first = span;
    this.#length += 1;
  }

  addLast(span: Span): void {
    span.next = undefined;
    span.previous = this.#last;
    if (this.#last === undefined) this.#first = span;
    else this.#last.next = span;
    this.#last = span;
    this.#length += 1;
  }

  remove(span: Span): void {
    if (span.previous === undefined) this.#first = span.next;
    else span.previous.next = span.next;
    if (span.next === undefined) this.#last = span.previous;
    else span.next.previous = span.previous;
    span.previous = undefined;
    span.next = undefined;
    this.#length -= 1;
  }

  *[Symbol.iterator](): Generator<Span> {
    for (let span = this.#first; span !== undefined; span = span.next) yield span;
  }
}
