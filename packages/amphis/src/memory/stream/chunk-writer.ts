import {
  decodeCancel,
  decodeCredit,
  encodeEnd,
  encodeErrorBody,
  type Frame,
  type FrameInit,
} from "@amphis/protocol";

import type { Bulk, Carrier, Outgoing } from "../carrier.ts";
import { encodeChunk } from "./chunk-frame.ts";
import { afterEnd, cancelled } from "./errors.ts";
import { Outflow } from "./outflow.ts";
import { splitBytes } from "./split-bytes.ts";

/** What both ends of a stream of chunks stand on. */
export interface ChunkStreamInit {
  /** Joins the frames of both directions. */
  readonly callId: number;
  /** Takes chunks to the peer, and opens those of the peer. */
  readonly carrier: Carrier;
  /** Of the connection: resolves when the frame is on its way. */
  readonly send: (frame: FrameInit) => Promise<void>;
}

export interface WriteOptions {
  /** Gives up while it waits for credit; its reason is what the caller sees. A chunk that is on its way stays so. */
  readonly signal?: AbortSignal | undefined;
}

export interface WriteBytesOptions extends WriteOptions {
  /** Length of each chunk but the last. @default 1_048_576 */
  readonly chunkBytes?: number | undefined;
}

type WriterState =
  | { readonly kind: "open" }
  /** `end` was called; what was written before it may still wait. */
  | { readonly kind: "ending" }
  | { readonly kind: "over"; readonly error: unknown };

/** Something that goes in its turn. */
interface Step {
  readonly needsCredit: boolean;
  /** What goes has gone when this returns, so that chunks go in the order in which they were written. */
  readonly start: () => void;
  readonly refuse: (error: unknown) => void;
}

const DEFAULT_CHUNK_BYTES = 1_048_576;

/**
 * Sends large values one after the other, as far as the reader gives credit.
 *
 * A chunk takes memory only when it may go, so a writer that awaits each `write` never has more than the reader's window on its way. When
 * the stream breaks off (the reader cancels, the connection ends, a chunk cannot be sent), everything that waits is refused with the reason.
 */
export class ChunkWriter {
  readonly callId: number;
  readonly #carrier: Carrier;
  readonly #send: ChunkStreamInit["send"];
  readonly #outflow = new Outflow();
  #line: Step[] = [];
  /** Sent and, as far as credit tells, not used up yet. */
  #underway: Outgoing[] = [];
  #state: WriterState = { kind: "open" };

  constructor({ callId, carrier, send }: ChunkStreamInit) {
    this.callId = callId;
    this.#carrier = carrier;
    this.#send = send;
  }

  /**
   * Takes a frame of the peer; what is wrong with it breaks the stream off.
   *
   * @returns whether it was for this writer: `credit` and `cancel` of its call
   */
  take(frame: Frame): boolean {
    if (frame.callId !== this.callId) return false;
    if (frame.kind !== "credit" && frame.kind !== "cancel") return false;
    if (this.#state.kind === "over") return true;
    try {
      if (frame.kind === "credit") this.#grant(decodeCredit(frame.body).count);
      else this.close(cancelled(decodeCancel(frame.body).reason));
    } catch (error) {
      void this.fail(error);
    }
    return true;
  }

  /**
   * Sends a chunk when those before it went and there is credit. Resolves when it is on its way: then the value is the caller's again, but
   * for shared memory of the connection, which travels as it is. A value that cannot travel is refused, and the stream goes on.
   *
   * @throws {AmphisError} CHUNK_STREAM_CANCELLED with the reader's reason; CHUNK_STREAM_ENDED after `end`; what `Carrier.carry` throws; or
   * what the stream broke off with
   */
  async write(value: Bulk, { signal }: WriteOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#checkOpen("write chunk");
    return this.#queue(true, () => this.#sendChunk(value), signal);
  }

  /**
   * Sends bytes in chunks. What is left of an iterable is closed when the stream breaks off; the stream goes on when the iterable throws.
   *
   * @throws as `write`; whatever the source throws
   */
  async writeBytes(
    source: Uint8Array | AsyncIterable<Uint8Array>,
    { chunkBytes = DEFAULT_CHUNK_BYTES, signal }: WriteBytesOptions = {},
  ): Promise<void> {
    if (!Number.isSafeInteger(chunkBytes) || chunkBytes < 1) {
      throw new RangeError(
        `Cannot write bytes: chunkBytes must be an integer from 1, got ${chunkBytes}`,
      );
    }
    for await (const piece of splitBytes(source, chunkBytes)) await this.write(piece, { signal });
  }

  /** Says that no more chunks come, behind those that were written. @throws as `write` */
  async end(): Promise<void> {
    this.#checkOpen("end it again");
    this.#state = { kind: "ending" };
    return this.#queue(false, () => this.#sendEnd());
  }

  /** Breaks the stream off: the reader gets this error, and so do those who wait here. Does nothing when it is over. */
  async fail(error: unknown): Promise<void> {
    if (this.#state.kind === "over") return;
    this.close(error);
    try {
      await this.#send({ kind: "error", callId: this.callId, body: encodeErrorBody(error) });
    } catch {
      // The connection is over, and with it the reader.
    }
  }

  /** Ends this side without a word, when the connection has ended. Does nothing when it is over. */
  close(error: unknown): void {
    if (this.#state.kind === "over") return;
    this.#state = { kind: "over", error };
    this.#underway = [];
    for (const { refuse } of this.#line.splice(0)) refuse(error);
  }

  #grant(count: number): void {
    // Credit beyond the first is for chunks that were used up, in order.
    for (const chunk of this.#underway.splice(0, count)) chunk.delivered();
    this.#outflow.grant(count);
    this.#advance();
  }

  #checkOpen(act: string): void {
    if (this.#state.kind === "over") throw this.#state.error;
    if (this.#state.kind === "ending") throw afterEnd(act);
  }

  #queue(needsCredit: boolean, act: () => Promise<void>, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#line = this.#line.filter((each) => each !== step);
        step.refuse(signal?.reason);
        this.#advance();
      };
      const leave = (): void => signal?.removeEventListener("abort", giveUp);
      const start = (): void => {
        leave();
        act().then(resolve, reject);
      };
      const refuse = (error: unknown): void => {
        leave();
        reject(error);
      };
      const step: Step = { needsCredit, start, refuse };
      signal?.addEventListener("abort", giveUp);
      this.#line.push(step);
      this.#advance();
    });
  }

  #advance(): void {
    for (let step = this.#line[0]; step !== undefined; step = this.#line[0]) {
      if (step.needsCredit && !this.#outflow.hasCredit) return;
      this.#line.shift();
      step.start();
    }
  }

  async #sendChunk(value: Bulk): Promise<void> {
    const chunk = this.#carrier.carry(value);
    const frame = encodeChunk(this.callId, this.#outflow.take(), own(chunk));
    this.#underway.push(chunk);
    try {
      await this.#send(frame);
    } catch (error) {
      chunk.cancel();
      // A chunk is missing now.
      void this.fail(error);
      throw error;
    }
  }

  async #sendEnd(): Promise<void> {
    const body = encodeEnd({ sequence: this.#outflow.count });
    this.close(afterEnd("write chunk"));
    await this.#send({ kind: "end", callId: this.callId, body });
  }
}

/** A connection may hold inline bytes for longer than `send` waits, and the caller wants to use its buffer again. */
function own(chunk: Outgoing): Outgoing {
  if (chunk.isCopied || chunk.path === "shared") return chunk;
  const { kind, data } = chunk.attachment;
  return { ...chunk, attachment: { kind, data: new Uint8Array(data) } };
}
