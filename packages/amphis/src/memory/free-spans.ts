import { ALIGNMENT } from "./region.ts";
import { CLASS_COUNT, classOf } from "./size-class.ts";
import { type Span, SpanList } from "./span.ts";

/**
 * The free spans by class of size, with a bit for each class that has any: adding, taking out and finding cost the same however many there
 * are. ("TLSF: a new dynamic memory allocator for real-time systems", Masmano et al., 2004.)
 */
export class FreeSpans {
  readonly #lists: readonly SpanList[] = Array.from({ length: CLASS_COUNT }, () => new SpanList());
  readonly #bits = new Uint32Array(Math.ceil(CLASS_COUNT / 32));
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(span: Span): void {
    const index = classOf(span.bytes / ALIGNMENT);
    span.state = "free";
    this.#listOf(index).addFirst(span);
    this.#bits[index >>> 5] = this.#wordOf(index) | (1 << (index & 31));
    this.#bytes += span.bytes;
  }

  remove(span: Span): void {
    const index = classOf(span.bytes / ALIGNMENT);
    const list = this.#listOf(index);
    list.remove(span);
    if (list.length === 0) this.#bits[index >>> 5] = this.#wordOf(index) & ~(1 << (index & 31));
    this.#bytes -= span.bytes;
  }

  /** A span of the smallest class that surely fits; only where there is none, one of the class that may fit. */
  find(bytes: number): Span | undefined {
    const units = bytes / ALIGNMENT;
    const own = classOf(units);
    const sure = units < 16 || isLeastOfClass(units) ? own : own + 1;
    const index = this.#nextFilled(sure);
    if (index !== undefined) return this.#listOf(index).first;
    if (sure === own) return undefined;
    for (const span of this.#listOf(own)) if (span.bytes >= bytes) return span;
    return undefined;
  }

  get largestBytes(): number {
    for (let index = CLASS_COUNT - 1; index >= 0; index -= 1) {
      const list = this.#listOf(index);
      if (list.length > 0) return [...list].reduce((most, { bytes }) => Math.max(most, bytes), 0);
    }
    return 0;
  }

  *[Symbol.iterator](): Generator<Span> {
    for (const list of this.#lists) yield* list;
  }

  #nextFilled(from: number): number | undefined {
    if (from >= CLASS_COUNT) return undefined;
    let word = from >>> 5;
    let bits = this.#wordOf(from) & (-1 << (from & 31));
    while (bits === 0) {
      word += 1;
      if (word >= this.#bits.length) return undefined;
      bits = this.#bits[word] as number;
    }
    return word * 32 + (31 - Math.clz32(bits & -bits));
  }

  #wordOf(index: number): number {
    return this.#bits[index >>> 5] as number;
  }

  #listOf(index: number): SpanList {
    return this.#lists[index] as SpanList;
  }
}

function isLeastOfClass(units: number): boolean {
  return units % (1 << (31 - Math.clz32(units) - 4)) === 0;
}
