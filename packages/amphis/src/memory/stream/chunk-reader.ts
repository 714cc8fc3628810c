import {
  decodeEnd,
  decodeErrorBody,
  encodeCancel,
  encodeCredit,
  type Frame,
} from "@amphis/protocol";

import type { Carried, Carrier } from "../carrier.ts";
import { type ChunkFrame, decodeChunk, letGo, release } from "./chunk-frame.ts";
import type { ChunkStreamInit } from "./chunk-writer.ts";
import { Inflow } from "./inflow.ts";

export interface ChunkReaderInit extends ChunkStreamInit {
  /** Chunks that may be on their way, wait, and be in the consumer's hand, together. @default 8 */
  readonly window?: number | undefined;
  /** Cancels; its reason is what the consumer sees. */
  readonly signal?: AbortSignal | undefined;
}

type ReaderState =
  | { readonly kind: "open" }
  /** All chunks came; some may wait. */
  | { readonly kind: "ended" }
  /** It broke off, and the consumer does not know yet. */
  | { readonly kind: "broken"; readonly error: unknown }
  | { readonly kind: "over" };

interface Waiter {
  readonly resolve: (result: IteratorResult<Carried>) => void;
  readonly reject: (error: unknown) => void;
}

const DEFAULT_WINDOW = 8;
const DONE = { value: undefined, done: true } as const;

/**
 * Large values that come one after the other, to be read in a `for await` loop.
 *
 * A chunk is lent until the next one is asked for or the loop is left; `retain` keeps it for longer. The peer gets credit for what was used
 * up, so never more than `window` chunks are held, however slow the consumer. Leaving the loop, and a signal that aborts, cancel the peer
 * at once and let go of all that waits; so do an error of the peer and anything it may not send, and the consumer gets that error.
 */
export class ChunkReader implements AsyncIterableIterator<Carried, undefined>, AsyncDisposable {
  readonly callId: number;
  readonly #carrier: Carrier;
  readonly #sendFrame: ChunkStreamInit["send"];
  readonly #signal: AbortSignal | undefined;
  readonly #inflow: Inflow;
  #waiting: Carried[] = [];
  /** What the consumer has, and whether it is to be let go of. */
  #given: { readonly chunk: Carried; isRetained: boolean } | undefined;
  #waiter: Waiter | undefined;
  #state: ReaderState = { kind: "open" };

  constructor({ callId, carrier, send, window = DEFAULT_WINDOW, signal }: ChunkReaderInit) {
    if (!Number.isSafeInteger(window) || window < 1 || window > 0x7fff_ffff) {
      throw new RangeError(
        `Cannot read chunks: window must be an integer from 1 to 2^31-1, got ${window}`,
      );
    }
    signal?.throwIfAborted();
    this.callId = callId;
    this.#carrier = carrier;
    this.#sendFrame = send;
    this.#signal = signal;
    this.#inflow = new Inflow(window);
    signal?.addEventListener("abort", this.#abort);
  }

  /**
   * Takes a frame of the peer; what is wrong with it breaks the stream off.
   *
   * @returns whether it was for this reader: `item`, `end` and, while it is open, `error` of its call
   */
  take(frame: Frame): boolean {
    if (frame.callId !== this.callId) return false;
    if (frame.kind !== "item" && frame.kind !== "end" && frame.kind !== "error") return false;
    // An error behind the end is one of the call.
    if (frame.kind === "error" && this.#state.kind !== "open") return false;
    if (this.#isOver) {
      // It was on its way when this side gave up.
      letGo(frame, this.#carrier);
      return true;
    }
    try {
      if (frame.kind === "item") this.#takeChunk(frame);
      else if (frame.kind === "end") this.#takeEnd(decodeEnd(frame.body).sequence);
      else this.#break(decodeErrorBody(frame.body));
    } catch (error) {
      this.#break(error);
      this.#tellCancel(messageOf(error));
    }
    return true;
  }

  /**
   * The next chunk; what was given before is let go of. One at a time.
   *
   * @throws {AmphisError} what the stream broke off with, once: then it is over
   * @throws {TypeError} when the chunk before is still awaited
   */
  async next(): Promise<IteratorResult<Carried, undefined>> {
    if (this.#waiter !== undefined) {
      throw new TypeError("Cannot read chunk: the one before is still awaited");
    }
    this.#finishGiven();
    const chunk = this.#waiting.shift();
    if (chunk !== undefined) return this.#give(chunk);
    const state = this.#state;
    if (state.kind === "open") return this.#await();
    this.#close({ kind: "over" });
    if (state.kind === "broken") throw state.error;
    return DONE;
  }

  /**
   * Keeps the chunk that was given last until the caller releases it; it does not count for the window then.
   *
   * @throws {RangeError} for anything else
   */
  retain<T extends Carried>(chunk: T): T {
    if (this.#given?.chunk !== chunk) {
      throw new RangeError("Cannot retain chunk: it is not the one that was given last");
    }
    this.#given.isRetained = true;
    return chunk;
  }

  /** Wants no more, and says so to the peer. Lets go of everything. Does nothing when it is over. */
  cancel(reason = "the consumer stopped reading"): void {
    const wasOpen = this.#state.kind === "open";
    this.#close({ kind: "over" });
    this.#finishGiven();
    this.#waiter?.resolve(DONE);
    this.#waiter = undefined;
    if (wasOpen) this.#tellCancel(reason);
  }

  /** Breaks off what has not ended yet, when the connection has ended. The chunks of a stream that came whole are still read. */
  close(error: unknown): void {
    if (this.#state.kind === "open") this.#break(error);
  }

  /** Of the loop that is left. */
  async return(): Promise<IteratorResult<Carried, undefined>> {
    this.cancel();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel();
  }

  readonly #abort = (): void => {
    if (this.#isOver) return;
    const reason: unknown = this.#signal?.reason;
    const wasOpen = this.#state.kind === "open";
    this.#break(reason);
    if (wasOpen) this.#tellCancel(messageOf(reason));
  };

  get #isOver(): boolean {
    return this.#state.kind === "broken" || this.#state.kind === "over";
  }

  #takeChunk(frame: Frame): void {
    const { attachment, value } = this.#admit(frame);
    // At once: the peer may let go of it behind this frame.
    const chunk = this.#carrier.open(attachment, value);
    const waiter = this.#waiter;
    if (waiter === undefined) {
      this.#waiting.push(chunk);
      return;
    }
    this.#waiter = undefined;
    waiter.resolve(this.#give(chunk));
  }

  #admit(frame: Frame): ChunkFrame {
    try {
      const chunk = decodeChunk(frame);
      this.#inflow.arrive(chunk.sequence);
      return chunk;
    } catch (error) {
      letGo(frame, this.#carrier);
      throw error;
    }
  }

  #takeEnd(sequence: number): void {
    this.#inflow.end(sequence);
    this.#state = { kind: "ended" };
    if (this.#waiter === undefined) return;
    this.#close({ kind: "over" });
    this.#waiter.resolve(DONE);
    this.#waiter = undefined;
  }

  #give(chunk: Carried): IteratorResult<Carried, undefined> {
    this.#given = { chunk, isRetained: false };
    return { value: chunk, done: false };
  }

  #await(): Promise<IteratorResult<Carried, undefined>> {
    this.#tellCredit(this.#inflow.begin());
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }

  /** The consumer is done with what it has. */
  #finishGiven(): void {
    const given = this.#given;
    if (given === undefined) return;
    this.#given = undefined;
    if (!given.isRetained) release(given.chunk);
    if (this.#state.kind === "open") this.#tellCredit(this.#inflow.use());
  }

  /** The consumer hears of it when it asks next; what it has in hand it keeps until then. */
  #break(error: unknown): void {
    if (this.#isOver) return;
    const waiter = this.#waiter;
    this.#waiter = undefined;
    this.#close(waiter === undefined ? { kind: "broken", error } : { kind: "over" });
    waiter?.reject(error);
  }

  #close(state: ReaderState): void {
    this.#state = state;
    this.#signal?.removeEventListener("abort", this.#abort);
    for (const chunk of this.#waiting.splice(0)) release(chunk);
  }

  #tellCredit(count: number): void {
    if (count > 0) this.#tell("credit", encodeCredit({ count }));
  }

  #tellCancel(reason: string): void {
    this.#tell("cancel", encodeCancel({ reason }));
  }

  #tell(kind: "credit" | "cancel", body: Uint8Array): void {
    this.#sendFrame({ kind, callId: this.callId, body }).catch((error: unknown) => {
      this.close(error);
    });
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
