import { FreeSpans } from "./free-spans.ts";
import { ALIGNMENT, type OpenRegion, type Region } from "./region.ts";
import { RestingSpans } from "./resting-spans.ts";
import { MAX_REGION_BYTES, spanBytes } from "./size-class.ts";
import { MAX_SLOT_BYTES, Slabs, Slot, type SpanSource } from "./slabs.ts";
import { type Extent, Span } from "./span.ts";
import { CHUNK_BYTES, TouchedChunks } from "./touched-chunks.ts";

export interface SpaceOptions {
  readonly open: OpenRegion;
  readonly regionBytes: number;
  readonly maxBytes: number;
}

export interface SpaceFigures {
  readonly regions: number;
  /** Address space of all regions. */
  readonly totalBytes: number;
  /** What is handed out, rounded up to its class. */
  readonly usedBytes: number;
  /** Free, joined with all free neighbours. */
  readonly freeBytes: number;
  /** Given back and waiting for their turn. */
  readonly restingBytes: number;
  /** Not used in slabs of small blocks. */
  readonly slabFreeBytes: number;
  readonly slabs: number;
  readonly freeSpans: number;
  readonly largestFreeBytes: number;
  /** 0 when all that is free lies in one piece, near 1 when it lies in many. */
  readonly fragmentation: number;
  /** At most so many bytes have pages behind them. */
  readonly residentBytes: number;
}

interface Part {
  readonly region: Region;
  readonly touched: TouchedChunks;
  readonly first: Span;
}

/** Hands out pieces of regions; knows nothing of who uses them. Grows by further regions and never moves a piece. */
export class Space implements SpanSource {
  readonly #options: SpaceOptions;
  readonly #parts = new Map<Region, Part>();
  readonly #free = new FreeSpans();
  readonly #resting = new RestingSpans();
  readonly #slabs: Slabs = new Slabs(this);
  #totalBytes = 0;
  #usedBytes = 0;
  #nextRegion = 1;
  /** The system gave no pages for the request that is being served. */
  #systemIsFull = false;

  constructor(options: SpaceOptions) {
    this.#options = options;
  }

  /** What an extent for so many bytes takes. */
  static extentBytes(bytes: number): number {
    return bytes <= MAX_SLOT_BYTES ? Slabs.slotBytes(bytes) : spanBytes(bytes);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** What may still be handed out at best: it may lie in several pieces. */
  get availableBytes(): number {
    return this.#options.maxBytes - this.#usedBytes;
  }

  take(bytes: number): Extent | undefined {
    const extent = bytes <= MAX_SLOT_BYTES ? this.#slabs.take(bytes) : this.takeSpan(bytes);
    if (extent !== undefined) this.#usedBytes += extent.bytes;
    return extent;
  }

  put(extent: Extent): void {
    this.#usedBytes -= extent.bytes;
    if (extent instanceof Slot) this.#slabs.put(extent);
    else this.putSpan(extent as Span);
  }

  takeSpan(bytes: number): Span | undefined {
    const rounded = spanBytes(bytes);
    const rested = RestingSpans.holds(rounded) ? this.#resting.take(rounded) : undefined;
    if (rested !== undefined) {
      rested.state = "used";
      return rested;
    }
    this.#systemIsFull = false;
    return this.#carve(rounded) ?? this.#carveWithEffort(bytes, rounded);
  }

  putSpan(span: Span): void {
    const surplus = RestingSpans.holds(span.bytes) ? this.#resting.put(span) : span;
    if (surplus !== undefined) this.#join(surplus);
  }

  /** Joins everything that is not used, and gives pages back to the system until so many bytes of free memory may keep theirs. */
  trim(keepBytes: number): number {
    this.#drain();
    let kept = 0;
    let punched = 0;
    for (const { touched, first } of this.#parts.values()) {
      for (let span: Span | undefined = first; span !== undefined; span = span.after) {
        if (span.state !== "free") continue;
        const warm = touchedChunksOf(span, touched);
        const keep = Math.min(warm.length, Math.floor((keepBytes - kept) / CHUNK_BYTES));
        kept += keep * CHUNK_BYTES;
        punched += punch(span, warm.slice(keep), touched);
      }
    }
    return punched;
  }

  figures(): SpaceFigures {
    const freeSpans = [...this.#free].length;
    const largestFreeBytes = this.#free.largestBytes;
    const freeBytes = this.#free.bytes;
    return {
      regions: this.#parts.size,
      totalBytes: this.#totalBytes,
      usedBytes: this.#usedBytes,
      freeBytes,
      restingBytes: this.#resting.bytes,
      slabFreeBytes: this.#slabs.freeBytes,
      slabs: this.#slabs.count,
      freeSpans,
      largestFreeBytes,
      fragmentation: freeBytes === 0 ? 0 : 1 - largestFreeBytes / freeBytes,
      residentBytes: [...this.#parts.values()].reduce((sum, part) => sum + part.touched.bytes, 0),
    };
  }

  close(): void {
    for (const { region } of this.#parts.values()) region.close();
    this.#parts.clear();
  }

  /** What rests or lies in empty slabs counts as free when nothing else is, and only then is there a new region. */
  #carveWithEffort(bytes: number, rounded: number): Span | undefined {
    this.#drain();
    const exact = Math.ceil(Math.max(bytes, 1) / ALIGNMENT) * ALIGNMENT;
    const span = this.#carve(rounded) ?? this.#carve(exact);
    // Another region would have no pages either.
    if (span !== undefined || this.#systemIsFull) return span;
    return this.#grow(exact, rounded) ? (this.#carve(rounded) ?? this.#carve(exact)) : undefined;
  }

  #drain(): void {
    this.#slabs.drain();
    for (const span of this.#resting.drain()) this.#join(span);
  }

  #carve(bytes: number): Span | undefined {
    const span = this.#free.find(bytes);
    if (span === undefined) return undefined;
    this.#free.remove(span);
    const restBytes = span.bytes - bytes;
    if (restBytes > 0) {
      const rest = new Span(span.region, span.offset + bytes, restBytes);
      rest.before = span;
      rest.after = span.after;
      if (span.after !== undefined) span.after.before = rest;
      span.after = rest;
      span.bytes = bytes;
      this.#free.add(rest);
    }
    span.state = "used";
    return this.#isBacked(span) ? span : undefined;
  }

  /** Pages that were taken from the system stay until they are punched, so only what was not used since is asked for. */
  #isBacked(span: Span): boolean {
    const { region, offset, bytes } = span;
    const touched = this.#parts.get(region)?.touched;
    if (touched === undefined || touched.hasAll(offset, bytes)) return true;
    const start = Math.floor(offset / CHUNK_BYTES) * CHUNK_BYTES;
    const end = Math.min(Math.ceil((offset + bytes) / CHUNK_BYTES) * CHUNK_BYTES, region.bytes);
    try {
      region.reserve(start, end - start);
    } catch {
      this.#systemIsFull = true;
      this.#join(span);
      return false;
    }
    touched.mark(offset, bytes);
    return true;
  }

  /** The span that lies first stays, so that the first of a region is always the same. */
  #join(span: Span): void {
    const { before, after } = span;
    if (after?.state === "free") {
      this.#free.remove(after);
      absorb(span, after);
    }
    if (before?.state === "free") {
      this.#free.remove(before);
      absorb(before, span);
      this.#free.add(before);
    } else {
      this.#free.add(span);
    }
  }

  #grow(leastBytes: number, wantedBytes: number): boolean {
    if (this.#options.maxBytes - this.#totalBytes < leastBytes) this.#closeFreeRegions();
    const left = this.#options.maxBytes - this.#totalBytes;
    const bytes = Math.min(
      Math.max(this.#options.regionBytes, wantedBytes),
      MAX_REGION_BYTES,
      Math.floor(left / ALIGNMENT) * ALIGNMENT,
    );
    if (bytes < leastBytes) return false;
    const region = this.#options.open(this.#nextRegion, bytes);
    this.#nextRegion += 1;
    const first = new Span(region, 0, bytes);
    this.#parts.set(region, { region, first, touched: new TouchedChunks(bytes) });
    this.#totalBytes += bytes;
    this.#free.add(first);
    return true;
  }

  /** A request larger than any region gets room where regions lie idle: they cannot be joined. */
  #closeFreeRegions(): void {
    for (const { region, first } of this.#parts.values()) {
      if (first.state !== "free" || first.after !== undefined) continue;
      this.#free.remove(first);
      this.#parts.delete(region);
      this.#totalBytes -= first.bytes;
      region.close();
    }
  }
}

function absorb(span: Span, next: Span): void {
  span.bytes += next.bytes;
  span.after = next.after;
  if (next.after !== undefined) next.after.before = span;
}

/** Chunks that lie in the span as a whole and may have pages, in order. */
function touchedChunksOf(span: Span, touched: TouchedChunks): number[] {
  const chunks: number[] = [];
  const reach = endOf(span) / CHUNK_BYTES;
  // The last chunk of a region may be shorter.
  const end = span.after === undefined ? Math.ceil(reach) : Math.floor(reach);
  for (let chunk = Math.ceil(span.offset / CHUNK_BYTES); chunk < end; chunk += 1) {
    if (touched.has(chunk)) chunks.push(chunk);
  }
  return chunks;
}

/** One call of the system for chunks that lie side by side. */
function punch(span: Span, chunks: readonly number[], touched: TouchedChunks): number {
  let punched = 0;
  for (let from = 0; from < chunks.length;) {
    const first = chunks[from] as number;
    let count = 1;
    while (chunks[from + count] === first + count) count += 1;
    const offset = first * CHUNK_BYTES;
    const bytes = Math.min(count * CHUNK_BYTES, endOf(span) - offset);
    span.region.punch(offset, bytes);
    punched += bytes;
    from += count;
  }
  for (const chunk of chunks) touched.clear(chunk);
  return punched;
}

function endOf({ offset, bytes }: Span): number {
  return offset + bytes;
}
