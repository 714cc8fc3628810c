import { ALIGNMENT } from "./region.ts";
import { classOf, MAX_CLASSED_BYTES } from "./size-class.ts";
import { type Span, SpanList } from "./span.ts";

/** Below, a block fits the private cache of a core and the one that was just freed is the best to hand out. */
const LEAST_BYTES = 65_536;
/** Blocks of one class that take turns; measured in spec/limits.md 4a: 32 of 64 KiB and 4 of 1 MiB are best. */
const ROTATION_BYTES = 4 * 1_048_576;
const MOST_SPANS = 32;
const FEWEST_SPANS = 2;

/**
 * Blocks of middle size that were given back, in the order in which they came.
 *
 * A block that the other side has just read is in its cache, and writing there costs up to ten times as much as writing elsewhere. So blocks
 * of a class take turns, the one first given back being used again first; their pages stay warm.
 */
export class RestingSpans {
  readonly #lists: readonly SpanList[] = Array.from(
    { length: classOf(MAX_CLASSED_BYTES / ALIGNMENT) + 1 },
    () => new SpanList(),
  );
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  static holds(bytes: number): boolean {
    return bytes >= LEAST_BYTES && bytes <= MAX_CLASSED_BYTES;
  }

  /** The block of exactly this size that has rested longest, if enough others rest. */
  take(bytes: number): Span | undefined {
    const list = this.#listOf(bytes);
    return list.length >= turns(bytes) ? this.#shift(list) : undefined;
  }

  /** @returns the block that has rested longest, when there is one too many */
  put(span: Span): Span | undefined {
    const list = this.#listOf(span.bytes);
    span.state = "resting";
    list.addLast(span);
    this.#bytes += span.bytes;
    return list.length > turns(span.bytes) ? this.#shift(list) : undefined;
  }

  /** Takes all out. */
  *drain(): Generator<Span> {
    if (this.#bytes === 0) return;
    for (const list of this.#lists) {
      for (let span = this.#shift(list); span !== undefined; span = this.#shift(list)) yield span;
    }
  }

  #shift(list: SpanList): Span | undefined {
    const span = list.first;
    if (span === undefined) return undefined;
    list.remove(span);
    this.#bytes -= span.bytes;
    return span;
  }

  #listOf(bytes: number): SpanList {
    return this.#lists[classOf(bytes / ALIGNMENT)] as SpanList;
  }
}

function turns(bytes: number): number {
  return Math.min(MOST_SPANS, Math.max(FEWEST_SPANS, Math.floor(ROTATION_BYTES / bytes)));
}
