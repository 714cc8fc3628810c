/** Small enough that trimming follows what was used, large enough that marking 1 GiB is a fill of 512 words. */
export const CHUNK_BYTES = 65_536;

/** Which chunks of a region may have pages behind them: those used since they were last given back to the system. */
export class TouchedChunks {
  readonly #bits: Uint32Array;
  readonly #regionBytes: number;
  #count = 0;

  constructor(regionBytes: number) {
    this.#regionBytes = regionBytes;
    this.#bits = new Uint32Array(Math.ceil(regionBytes / CHUNK_BYTES / 32));
  }

  /** At most so many bytes are resident. */
  get bytes(): number {
    return Math.min(this.#count * CHUNK_BYTES, this.#regionBytes);
  }

  mark(offset: number, bytes: number): void {
    const last = Math.floor((offset + bytes - 1) / CHUNK_BYTES);
    for (let chunk = Math.floor(offset / CHUNK_BYTES); chunk <= last; chunk += 1) {
      if ((chunk & 31) === 0 && last - chunk >= 31) {
        this.#set(chunk >>> 5, -1);
        chunk += 31;
      } else {
        this.#set(chunk >>> 5, 1 << (chunk & 31));
      }
    }
  }

  /** Whether everything from there was used. */
  hasAll(offset: number, bytes: number): boolean {
    const last = Math.floor((offset + bytes - 1) / CHUNK_BYTES);
    for (let chunk = Math.floor(offset / CHUNK_BYTES); chunk <= last; chunk += 1) {
      const isWhole = (chunk & 31) === 0 && last - chunk >= 31;
      if (isWhole && this.#bits[chunk >>> 5] === 0xffff_ffff) chunk += 31;
      else if (!this.has(chunk)) return false;
    }
    return true;
  }

  has(chunk: number): boolean {
    return ((this.#bits[chunk >>> 5] as number) & (1 << (chunk & 31))) !== 0;
  }

  clear(chunk: number): void {
    this.#bits[chunk >>> 5] = (this.#bits[chunk >>> 5] as number) & ~(1 << (chunk & 31));
    this.#count -= 1;
  }

  #set(word: number, bits: number): void {
    const before = this.#bits[word] as number;
    const added = bits & ~before;
    if (added === 0) return;
    this.#bits[word] = before | bits;
    this.#count += onesIn(added);
  }
}

function onesIn(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
