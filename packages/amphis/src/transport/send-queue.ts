import type { ByteChannel } from "./byte-channel.ts";
import type { BatchSettings } from "./connection-settings.ts";
import { type EncodedFrame, isOnePiece, joinSmall, lengthOf } from "./encoded-frame.ts";
import { atEndOfTurn, type TurnObserver } from "./turn.ts";
import { WaitingSends } from "./waiting-sends.ts";

/** As much is given to the channel at once. */
const BATCH_BYTES = 0x4_0000;
/** What `push` returns for a frame that did not have to wait. */
export const ACCEPTED: Promise<void> = Promise.resolve();
const NONE: readonly EncodedFrame[] = Object.freeze([]);

/**
 * Frames on their way out: accepted ones in order, and senders that wait to be accepted.
 *
 * A frame that finds the line idle leaves at the end of the microtask, or of the input that it answers. Those behind it in the same turn of the event loop are gathered, so
 * that many answers are one write: what a turn brings in is answered in it, one by one. Where writing takes no call of the system, each
 * frame that finds the line idle leaves at once.
 *
 * Holds at most `highWaterBytes` and one frame, besides the frames of those who wait.
 */
export class SendQueue implements TurnObserver {
  /** Queues to flush at the end of this microtask: one for all of them. */
  static #dueQueues: SendQueue[] = [];

  readonly #channel: ByteChannel;
  readonly #highWaterBytes: number;
  readonly #batch: BatchSettings | undefined;
  /** Whole frames. */
  #accepted: readonly EncodedFrame[] = NONE;
  #acceptedBytes = 0;
  /** Written, but the channel is full: it says when that changed. */
  #inChannelBytes = 0;
  #full = false;
  /** Flushed at the end of this microtask. */
  #due = false;
  /** Something left in this turn, so what follows is gathered. */
  #leftThisTurn = false;
  /** Ends the gathering when it is longer than a turn. */
  #gathering: ReturnType<typeof setTimeout> | undefined;
  /** Signs of life, which overtake frames; the newest of each kind replaces one that still waits. */
  #ping: Uint8Array | undefined;
  #pong: Uint8Array | undefined;
  #waiting: WaitingSends | undefined;
  #finishing = false;
  #closed = false;

  constructor(channel: ByteChannel, highWaterBytes: number, batch: BatchSettings | undefined) {
    this.#channel = channel;
    this.#highWaterBytes = highWaterBytes;
    this.#batch = batch;
  }

  /** Bytes that were accepted and are not known to be on their way. */
  get pendingBytes(): number {
    return this.#acceptedBytes + this.#inChannelBytes;
  }

  /** Whether the next frame would have to wait to be accepted. */
  get isFull(): boolean {
    return this.#hasWaiting() || this.pendingBytes > this.#highWaterBytes;
  }

  // Methods, as the engine calls private getters by way of its runtime, and each frame asks.
  #hasWaiting(): boolean {
    return this.#waiting !== undefined && this.#waiting.size > 0;
  }

  #hasWork(): boolean {
    const hasSigns = this.#ping !== undefined || this.#pong !== undefined;
    return this.#accepted.length > 0 || hasSigns || this.#finishing || this.#hasWaiting();
  }

  /** Whether a frame may be written before this call returns, with nothing that it would overtake. */
  #isIdle(): boolean {
    return this.#accepted.length === 0 && !this.#full && !this.#closed;
  }

  /** Resolves when the frame is accepted. */
  push(frame: EncodedFrame, signal: AbortSignal | undefined): Promise<void> {
    if (this.isFull) {
      const accepted = (this.#waiting ??= new WaitingSends()).add(frame, signal);
      this.#schedule();
      return accepted;
    }
    if (this.#channel.isPrompt === true && this.#isIdle()) {
      this.#write(isOnePiece(frame) ? [frame] : frame, lengthOf(frame));
    } else {
      this.#accept(frame);
      this.#schedule();
    }
    return ACCEPTED;
  }

  /** Sends a sign of life before anything else that waits. */
  signal(kind: "ping" | "pong", bytes: Uint8Array): void {
    if (this.#closed || this.#finishing) return;
    if (kind === "ping") this.#ping = bytes;
    else this.#pong = bytes;
    this.#schedule();
  }

  /** Sends what was accepted now, for one who blocks this thread next. */
  flush(): void {
    if (!this.#closed && this.#hasWork()) this.#flush();
  }

  /** The channel takes more. */
  writable(): void {
    this.#full = false;
    this.#inChannelBytes = 0;
    this.#flush();
  }

  /** Refuses who waits, sends what was accepted, and ends the channel. */
  finish(reason: unknown): void {
    this.#waiting?.refuse(reason);
    this.#finishing = true;
    this.#schedule();
  }

  /** Drops everything. */
  close(reason: unknown): void {
    this.#closed = true;
    this.#accepted = NONE;
    this.#acceptedBytes = 0;
    this.#inChannelBytes = 0;
    this.#ping = undefined;
    this.#pong = undefined;
    this.#stopGathering();
    this.#waiting?.refuse(reason);
  }

  turnEnded(): void {
    this.#leftThisTurn = false;
    if (this.#gathering === undefined && this.#hasWork()) this.#flush();
  }

  #accept(frame: EncodedFrame): void {
    if (this.#accepted.length === 0) this.#accepted = [frame];
    else (this.#accepted as EncodedFrame[]).push(frame);
    this.#acceptedBytes += lengthOf(frame);
  }

  /** Sees to it that what is there gets flushed. */
  #schedule(): void {
    if (this.#due || this.#full || this.#closed || this.#gathers()) return;
    this.#due = true;
    if (SendQueue.#dueQueues.push(this) === 1) void ACCEPTED.then(SendQueue.flushDue);
  }

  /**
   * Sends what is due at the end of this microtask, of all queues.
   *
   * Whoever has handed over all that came in calls it: the platform sees to its own streams before it ends the microtask, and the peers
   * would wait for that.
   */
  static readonly flushDue = (): void => {
    const queues = SendQueue.#dueQueues;
    if (queues.length === 0) return;
    SendQueue.#dueQueues = [];
    for (const queue of queues) {
      queue.#due = false;
      queue.#flush();
      // Behind the write: the peer is at work while this side sees to the turn.
      if (queue.#leftThisTurn || queue.#batch === undefined) continue;
      queue.#leftThisTurn = true;
      atEndOfTurn(queue);
    }
  };

  /** Whether frames wait for others to come with them. */
  #gathers(): boolean {
    const batch = this.#batch;
    if (batch === undefined || this.#acceptedBytes >= batch.bytes || this.#finishing) return false;
    if (!this.#leftThisTurn && this.#gathering === undefined) return false;
    if (this.#hasWaiting() || this.#ping !== undefined || this.#pong !== undefined) return false;
    if (batch.delayMs > 0) this.#gathering ??= setTimeout(() => this.#flush(), batch.delayMs);
    return true;
  }

  #stopGathering(): void {
    if (this.#gathering === undefined) return;
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
  }

  #flush(): void {
    this.#stopGathering();
    this.#admit();
    while (!this.#full && !this.#closed) {
      const parts = this.#take();
      if (parts.length === 0) break;
      this.#write(parts, this.#inChannelBytes);
      this.#admit();
    }
    if (!this.#finishing || this.#closed || this.#accepted.length > 0) return;
    this.#closed = true;
    this.#channel.end();
  }

  #write(parts: readonly Uint8Array[], bytes: number): void {
    if (this.#channel.write(joinSmall(parts))) {
      this.#inChannelBytes = 0;
    } else {
      this.#inChannelBytes = bytes;
      this.#full = true;
    }
  }

  /** Moves whole frames into the hands of the channel. */
  #take(): readonly Uint8Array[] {
    const [only] = this.#accepted;
    const hasSigns = this.#ping !== undefined || this.#pong !== undefined;
    if (only === undefined || this.#accepted.length > 1 || hasSigns) return this.#takeSome();
    const parts = isOnePiece(only) ? (this.#accepted as readonly Uint8Array[]) : only;
    this.#accepted = NONE;
    this.#inChannelBytes = this.#acceptedBytes;
    this.#acceptedBytes = 0;
    return parts;
  }

  #takeSome(): Uint8Array[] {
    const parts: Uint8Array[] = [];
    if (this.#pong !== undefined) parts.push(this.#pong);
    if (this.#ping !== undefined) parts.push(this.#ping);
    this.#pong = undefined;
    this.#ping = undefined;
    const signBytes = lengthOf(parts);
    let bytes = 0;
    let taken = 0;
    for (const frame of this.#accepted) {
      if (signBytes + bytes >= BATCH_BYTES) break;
      if (isOnePiece(frame)) parts.push(frame);
      else for (const part of frame) parts.push(part);
      bytes += lengthOf(frame);
      taken += 1;
    }
    this.#accepted = taken === this.#accepted.length ? NONE : this.#accepted.slice(taken);
    this.#acceptedBytes -= bytes;
    this.#inChannelBytes = signBytes + bytes;
    return parts;
  }

  #admit(): void {
    while (this.#hasWaiting() && this.pendingBytes <= this.#highWaterBytes) {
      const frame = this.#waiting?.acceptFirst();
      if (frame !== undefined) this.#accept(frame);
    }
  }
}
