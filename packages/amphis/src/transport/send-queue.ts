import type { ByteChannel } from "./byte-channel.ts";

/** As much is given to the channel at once. */
const BATCH_BYTES = 0x4_0000;
/** Pieces below this are joined, so that many small frames are one write. */
const SMALL_BYTES = 0x2000;
const ACCEPTED: Promise<void> = Promise.resolve();

interface Outgoing {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
}

interface Waiting extends Outgoing {
  readonly accept: () => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * Frames on their way out: accepted ones in order, and senders that wait to be accepted.
 *
 * Holds at most `highWaterBytes` and one frame, besides the frames of those who wait.
 */
export class SendQueue {
  readonly #channel: ByteChannel;
  readonly #highWaterBytes: number;
  #accepted: Outgoing[] = [];
  #acceptedBytes = 0;
  /** Written, but the channel is full: it says when that changed. */
  #inChannelBytes = 0;
  #full = false;
  #scheduled = false;
  /** Signs of life, which overtake frames; the newest of each kind replaces one that still waits. */
  #ping: Uint8Array | undefined;
  #pong: Uint8Array | undefined;
  readonly #waiting = new Set<Waiting>();
  #onEmpty: (() => void) | undefined;
  #finishing = false;
  #closed = false;

  constructor(channel: ByteChannel, highWaterBytes: number) {
    this.#channel = channel;
    this.#highWaterBytes = highWaterBytes;
  }

  /** Bytes that were accepted and are not known to be on their way. */
  get pendingBytes(): number {
    return this.#acceptedBytes + this.#inChannelBytes;
  }

  /** Resolves when the frame is accepted. */
  push(parts: readonly Uint8Array[], signal: AbortSignal | undefined): Promise<void> {
    const bytes = lengthOf(parts);
    if (this.#waiting.size > 0 || this.pendingBytes > this.#highWaterBytes) {
      return this.#wait(parts, bytes, signal);
    }
    this.#accept({ parts, bytes });
    return ACCEPTED;
  }

  /** Sends a sign of life before anything else that waits. */
  signal(kind: "ping" | "pong", bytes: Uint8Array): void {
    if (this.#closed || this.#finishing) return;
    if (kind === "ping") this.#ping = bytes;
    else this.#pong = bytes;
    this.#schedule();
  }

  /** The channel takes more. */
  writable(): void {
    this.#full = false;
    this.#inChannelBytes = 0;
    this.#flush();
  }

  /** Refuses who waits, sends what was accepted, and calls back. */
  finish(reason: unknown, onEmpty: () => void): void {
    this.#refuseWaiting(reason);
    this.#finishing = true;
    this.#onEmpty = onEmpty;
    this.#schedule();
  }

  /** Drops everything. */
  close(reason: unknown): void {
    this.#closed = true;
    this.#accepted = [];
    this.#acceptedBytes = 0;
    this.#inChannelBytes = 0;
    this.#ping = undefined;
    this.#pong = undefined;
    this.#onEmpty = undefined;
    this.#refuseWaiting(reason);
  }

  #refuseWaiting(reason: unknown): void {
    for (const waiting of this.#waiting) waiting.refuse(reason);
    this.#waiting.clear();
  }

  #accept(frame: Outgoing): void {
    this.#accepted.push(frame);
    this.#acceptedBytes += frame.bytes;
    this.#schedule();
  }

  #wait(
    parts: readonly Uint8Array[],
    bytes: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.delete(waiting);
        signal?.removeEventListener("abort", abort);
        reject(signal?.reason as Error);
      };
      const waiting: Waiting = {
        parts,
        bytes,
        accept: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
        refuse: (reason) => {
          signal?.removeEventListener("abort", abort);
          reject(reason as Error);
        },
      };
      signal?.addEventListener("abort", abort);
      this.#waiting.add(waiting);
    });
  }

  /** Frames that are sent in one go leave in one write, and a lone one waits for nobody. */
  #schedule(): void {
    if (this.#scheduled || this.#full) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    this.#admit();
    while (!this.#full && !this.#closed) {
      const batch: Uint8Array[] = [];
      const bytes = this.#take(batch);
      if (bytes === 0) break;
      if (!this.#channel.write(joinSmall(batch))) {
        this.#full = true;
        this.#inChannelBytes = bytes;
      }
      this.#admit();
    }
    if (this.#onEmpty === undefined || this.#accepted.length > 0 || this.#closed) return;
    const done = this.#onEmpty;
    this.#onEmpty = undefined;
    done();
  }

  /** Moves whole frames to the batch. @returns their bytes */
  #take(batch: Uint8Array[]): number {
    let bytes = 0;
    for (const sign of [this.#pong, this.#ping]) {
      if (sign === undefined) continue;
      batch.push(sign);
      bytes += sign.length;
    }
    this.#pong = undefined;
    this.#ping = undefined;
    let taken = 0;
    for (const frame of this.#accepted) {
      if (bytes >= BATCH_BYTES) break;
      for (const part of frame.parts) batch.push(part);
      bytes += frame.bytes;
      this.#acceptedBytes -= frame.bytes;
      taken += 1;
    }
    if (taken === this.#accepted.length) this.#accepted = [];
    else this.#accepted.splice(0, taken);
    return bytes;
  }

  #admit(): void {
    for (const waiting of this.#waiting) {
      if (this.pendingBytes > this.#highWaterBytes) return;
      this.#waiting.delete(waiting);
      this.#accept(waiting);
      waiting.accept();
    }
  }
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  return bytes;
}

function joinSmall(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  if (parts.length === 1) return parts;
  const joined: Uint8Array[] = [];
  let from = 0;
  while (from < parts.length) {
    let to = from;
    let bytes = 0;
    for (let part = parts[to]; part !== undefined && part.length < SMALL_BYTES; part = parts[to]) {
      bytes += part.length;
      to += 1;
    }
    if (to - from > 1) joined.push(join(parts, from, to, bytes));
    else joined.push(parts[from] as Uint8Array);
    from = Math.max(to, from + 1);
  }
  return joined;
}

function join(parts: readonly Uint8Array[], from: number, to: number, bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (let index = from; index < to; index += 1) {
    const part = parts[index] as Uint8Array;
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
