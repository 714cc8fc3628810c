/**
 * One mapped piece of shared memory.
 *
 * Whoever uses it has proven that every offset and length lies inside: a region checks no bounds, because a mapping may be larger than what
 * is behind it.
 */
export interface Region {
  /** Names the region on the wire: `arena` of a reference. Unique within a connection. */
  readonly id: number;
  readonly bytes: number;
  /**
   * Shows a part without copying. Where the offset is a multiple of 64, so is the place in the view's buffer, so that typed arrays of every
   * kind fit over it.
   */
  window(offset: number, length: number): Uint8Array;
  /** Copies bytes in; cheaper than by way of a window. */
  write(offset: number, bytes: Uint8Array): void;
  /** Whether each window has a buffer of its own, so that it can be taken back. */
  readonly canRevoke: boolean;
  /** Makes everything that shows the buffer of a window empty; does nothing where that is impossible. */
  revoke(buffer: ArrayBufferLike): void;
  /**
   * Sees to it that there are pages behind a part before it is handed out: later, their lack would end whoever touches them.
   *
   * @throws when the system has none
   */
  reserve(offset: number, length: number): void;
  /** Gives the pages back to the system; they read as zeros afterwards. */
  punch(offset: number, length: number): void;
  /** Works once, from any state. What a window shows stays mapped until the window is collected. */
  close(): void;
}

/** Opens a region of at least so many bytes. */
export type OpenRegion = (id: number, bytes: number) => Region;

/** Least alignment of everything that is handed out: a cache line, and what Arrow asks for. */
export const ALIGNMENT = 64;

/** How memory is shared by the heap: `process` for one thread, `threads` for workers of `node:worker_threads` too. */
export type HeapSharing = "process" | "threads";

/** Memory of this process, for where there is no native core: leases and tensors work, and nothing of it is shared with another process. */
export function heapRegion(id: number, bytes: number, sharing: HeapSharing = "process"): Region {
  return new HeapRegion(
    id,
    sharing === "threads" ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes),
  );
}

class HeapRegion implements Region {
  readonly id: number;
  readonly bytes: number;
  readonly canRevoke = false;
  #buffer: ArrayBufferLike | undefined;

  constructor(id: number, buffer: ArrayBufferLike) {
    this.id = id;
    this.bytes = buffer.byteLength;
    this.#buffer = buffer;
  }

  window(offset: number, length: number): Uint8Array {
    if (this.#buffer === undefined) throw new TypeError("Cannot open window: region is closed");
    return new Uint8Array(this.#buffer, offset, length);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.window(offset, bytes.length).set(bytes);
  }

  /** All windows show one buffer, so none can be taken back alone. */
  revoke(): void {}

  /** The heap has its pages. */
  reserve(): void {}

  /** The heap has no pages to give back. */
  punch(offset: number, length: number): void {
    this.window(offset, length).fill(0);
  }

  close(): void {
    this.#buffer = undefined;
  }
}
