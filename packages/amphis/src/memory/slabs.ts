import { ALIGNMENT, type Region } from "./region.ts";
import type { Extent, Span } from "./span.ts";

/** Up to here, requests are served from slabs: small blocks of long life would otherwise part the large free spans. */
export const MAX_SLOT_BYTES = 4_096;
const SLAB_BYTES = 65_536;
/** Slots, in units of 64 bytes: at most a fifth is wasted. */
const SLOT_UNITS = [
  1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64,
] as const;

/** A slot of a slab; the object is used again with the memory. */
export class Slot implements Extent {
  readonly slab: Slab;
  readonly region: Region;
  readonly offset: number;
  readonly bytes: number;

  constructor(slab: Slab, offset: number, bytes: number) {
    this.slab = slab;
    this.region = slab.span.region;
    this.offset = offset;
    this.bytes = bytes;
  }
}

/** A span that is cut into slots of one size. */
class Slab {
  readonly span: Span;
  readonly kind: SlotKind;
  readonly #free: Slot[] = [];
  readonly #slots: number;
  #made = 0;

  constructor(span: Span, kind: SlotKind) {
    this.span = span;
    this.kind = kind;
    this.#slots = Math.floor(span.bytes / kind.bytes);
  }

  get isFull(): boolean {
    return this.#free.length === 0 && this.#made === this.#slots;
  }

  get isEmpty(): boolean {
    return this.#free.length === this.#made;
  }

  take(): Slot {
    const used = this.#free.pop();
    if (used !== undefined) return used;
    const slot = new Slot(this, this.span.offset + this.#made * this.kind.bytes, this.kind.bytes);
    this.#made += 1;
    return slot;
  }

  put(slot: Slot): void {
    this.#free.push(slot);
  }
}

/** The slabs of one size that have a free slot; the last one is filled first. */
interface SlotKind {
  readonly bytes: number;
  readonly open: Set<Slab>;
  current: Slab | undefined;
}

/** Where slabs come from. */
export interface SpanSource {
  takeSpan(bytes: number): Span | undefined;
  putSpan(span: Span): void;
}

/** Small blocks, each in a slab with others of its size. */
export class Slabs {
  readonly #source: SpanSource;
  readonly #kinds: readonly SlotKind[] = SLOT_UNITS.map((units) => ({
    bytes: units * ALIGNMENT,
    open: new Set<Slab>(),
    current: undefined,
  }));
  /** By units: the kind whose slots fit. */
  readonly #kindFor: readonly SlotKind[];
  #freeBytes = 0;
  #slabs = 0;

  constructor(source: SpanSource) {
    this.#source = source;
    this.#kindFor = Array.from(
      { length: MAX_SLOT_BYTES / ALIGNMENT + 1 },
      (_, units) => this.#kinds.find(({ bytes }) => bytes >= units * ALIGNMENT) as SlotKind,
    );
  }

  /** Bytes of slabs that no slot in use has, slack at their ends included. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  get count(): number {
    return this.#slabs;
  }

  /** The bytes that a slot for so many has. */
  static slotBytes(bytes: number): number {
    const units = Math.ceil(bytes / ALIGNMENT);
    return (SLOT_UNITS.find((slot) => slot >= units) ?? Number.POSITIVE_INFINITY) * ALIGNMENT;
  }

  take(bytes: number): Slot | undefined {
    const kind = this.#kindOf(bytes);
    const slab = kind.current ?? this.#open(kind);
    if (slab === undefined) return undefined;
    const slot = slab.take();
    this.#freeBytes -= slot.bytes;
    if (slab.isFull) {
      kind.open.delete(slab);
      kind.current = firstOf(kind.open);
    }
    return slot;
  }

  /** A slab that has become empty goes back, unless it is the only one with room: the next request would open it again. */
  put(slot: Slot): void {
    const { slab } = slot;
    const { kind } = slab;
    if (slab.isFull) {
      kind.open.add(slab);
      kind.current ??= slab;
    }
    slab.put(slot);
    this.#freeBytes += slot.bytes;
    if (slab.isEmpty && kind.open.size > 1) this.#close(slab);
  }

  /** Gives back every slab of which nothing is used. */
  drain(): void {
    for (const { open } of this.#kinds) {
      for (const slab of open) if (slab.isEmpty) this.#close(slab);
    }
  }

  #kindOf(bytes: number): SlotKind {
    return this.#kindFor[Math.ceil(bytes / ALIGNMENT)] as SlotKind;
  }

  #open(kind: SlotKind): Slab | undefined {
    const span = this.#source.takeSpan(SLAB_BYTES);
    if (span === undefined) return undefined;
    const slab = new Slab(span, kind);
    kind.open.add(slab);
    kind.current = slab;
    this.#freeBytes += span.bytes;
    this.#slabs += 1;
    return slab;
  }

  #close(slab: Slab): void {
    const { kind, span } = slab;
    kind.open.delete(slab);
    if (kind.current === slab) kind.current = firstOf(kind.open);
    this.#freeBytes -= span.bytes;
    this.#slabs -= 1;
    this.#source.putSpan(span);
  }
}

function firstOf(slabs: ReadonlySet<Slab>): Slab | undefined {
  for (const slab of slabs) return slab;
  return undefined;
}
