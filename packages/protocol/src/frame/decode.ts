import { AmphisError } from "../error/index.ts";
import { allocate } from "../platform.ts";
import {
  DEFAULT_MAX_FRAME_BYTES,
  type Frame,
  type FrameAttachment,
  PROTOCOL_VERSION,
} from "./frame.ts";
import {
  ENTRY_BYTES,
  type FrameHeader,
  HEADER_BYTES,
  invalid,
  padded,
  peekHeader,
  u32,
} from "./header.ts";

/** A frame that is not complete takes at once what it says up to this size; above, memory doubles as bytes arrive. */
const EAGER_BYTES = 0x10_0000;
/** One for all decoders: an empty array costs two hundred bytes, and a server has thousands of them. */
const NOTHING = new Uint8Array(0);
const NO_ATTACHMENTS: readonly FrameAttachment[] = Object.freeze([]);

export interface FrameDecoderOptions {
  /** Largest frame; a larger one fails with FRAME_TOO_LARGE before any memory is taken for it. @default 67_108_864 */
  readonly maxFrameBytes?: number;
  /** Lowest and highest version accepted. A hello is accepted in any version. @default [1, 1] */
  readonly versions?: readonly [number, number];
}

/**
 * Turns chunks of bytes, however they were cut, into frames. The only place where bytes become frames.
 *
 * A chunk belongs to the decoder once it is fed: bodies and attachments are views of it where it holds a whole frame, and of
 * memory of their own where a frame came in pieces. Memory follows the bytes that arrived, not the lengths that a peer claims.
 * After an error every further call fails with the same error.
 */
export class FrameDecoder {
  readonly #maxFrameBytes: number;
  readonly #versions: readonly [number, number];
  /** The start of a frame that is not complete; its first #have bytes are filled. */
  #partial: Uint8Array = NOTHING;
  #have = 0;
  #header: FrameHeader | undefined;
  #failure: AmphisError | undefined;

  constructor(options: FrameDecoderOptions = {}) {
    const {
      maxFrameBytes = DEFAULT_MAX_FRAME_BYTES,
      versions = [PROTOCOL_VERSION, PROTOCOL_VERSION],
    } = options;
    if (!Number.isSafeInteger(maxFrameBytes) || maxFrameBytes < HEADER_BYTES) {
      throw new RangeError(
        `Cannot make frame decoder: maxFrameBytes must be an integer of ${HEADER_BYTES} or more, got ${maxFrameBytes}`,
      );
    }
    this.#maxFrameBytes = maxFrameBytes;
    this.#versions = versions;
  }

  /**
   * The frames that this chunk completes, in order.
   *
   * Good frames are never lost to a bad one behind them: they are returned first, `failure` is set, and the next call throws it.
   *
   * @throws {AmphisError} FRAME_INVALID, FRAME_TOO_LARGE, VERSION_UNSUPPORTED
   */
  feed(chunk: Uint8Array): Frame[] {
    if (this.#failure !== undefined) throw this.#failure;
    const frames: Frame[] = [];
    try {
      this.#feed(chunk, frames);
    } catch (error) {
      this.#fail(error as AmphisError);
      if (frames.length === 0) throw error;
    }
    return frames;
  }

  /**
   * Says that no more bytes come.
   *
   * @throws {AmphisError} FRAME_TRUNCATED inside a frame
   */
  end(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#have === 0) return;
    const expected = this.#header?.frameBytes ?? HEADER_BYTES;
    const actual = this.#have;
    const error = new AmphisError(
      "FRAME_TRUNCATED",
      `Cannot read frame: the connection ended after ${actual} of ${expected} bytes`,
      { expected, actual },
    );
    this.#fail(error);
    throw error;
  }

  /** Why nothing more can be read, once that is so. */
  get failure(): AmphisError | undefined {
    return this.#failure;
  }

  /** Bytes of an incomplete frame that wait for the rest. */
  get pendingBytes(): number {
    return this.#have;
  }

  #fail(error: AmphisError): void {
    this.#failure = error;
    this.#partial = NOTHING;
    this.#have = 0;
    this.#header = undefined;
  }

  #feed(chunk: Uint8Array, frames: Frame[]): void {
    let at = this.#have === 0 ? 0 : this.#resume(chunk, frames);
    while (chunk.length - at >= HEADER_BYTES) {
      const header = this.#check(peekHeader(chunk, at));
      if (chunk.length - at < header.frameBytes) {
        this.#header = header;
        break;
      }
      frames.push(read(chunk, at, header));
      at += header.frameBytes;
    }
    if (at < chunk.length) this.#keep(chunk, at, chunk.length);
  }

  /** Goes on with the incomplete frame. @returns how much of the chunk it took */
  #resume(chunk: Uint8Array, frames: Frame[]): number {
    let at = 0;
    if (this.#header === undefined) {
      at = Math.min(HEADER_BYTES - this.#have, chunk.length);
      this.#keep(chunk, 0, at);
      if (this.#have < HEADER_BYTES) return at;
      this.#header = this.#check(peekHeader(this.#partial));
    }
    const header = this.#header;
    const end = Math.min(at + header.frameBytes - this.#have, chunk.length);
    this.#keep(chunk, at, end);
    if (this.#have === header.frameBytes) {
      frames.push(read(this.#partial, 0, header));
      this.#partial = NOTHING;
      this.#have = 0;
      this.#header = undefined;
    }
    return end;
  }

  #keep(chunk: Uint8Array, from: number, to: number): void {
    const needed = this.#have + to - from;
    if (needed > this.#partial.length) this.#grow(needed);
    this.#partial.set(chunk.subarray(from, to), this.#have);
    this.#have = needed;
  }

  #grow(needed: number): void {
    const whole = this.#header?.frameBytes ?? HEADER_BYTES;
    const size = whole <= EAGER_BYTES ? whole : Math.min(whole, Math.max(EAGER_BYTES, needed * 2));
    const next = allocate(size);
    next.set(this.#partial.subarray(0, this.#have));
    this.#partial = next;
  }

  #check(header: FrameHeader): FrameHeader {
    const [lowest, highest] = this.#versions;
    const { version, frameBytes } = header;
    if ((version < lowest || version > highest) && header.kind !== "hello") {
      throw new AmphisError(
        "VERSION_UNSUPPORTED",
        `Cannot read frame: version ${version} was not negotiated, only ${lowest} to ${highest}`,
        {
          local: [lowest, highest],
          remote: [version, version],
        },
      );
    }
    if (frameBytes > this.#maxFrameBytes) {
      throw new AmphisError(
        "FRAME_TOO_LARGE",
        `Cannot read frame: ${frameBytes} bytes are more than the limit of ${this.#maxFrameBytes}`,
        {
          limit: this.#maxFrameBytes,
          actual: frameBytes,
        },
      );
    }
    return header;
  }
}

function read(bytes: Uint8Array, at: number, header: FrameHeader): Frame {
  const body = at + HEADER_BYTES;
  return {
    kind: header.kind,
    callId: header.callId,
    priority: header.priority,
    codec: header.codec,
    version: header.version,
    body: view(bytes, body, header.bodyBytes),
    attachments:
      header.attachmentCount === 0 ? NO_ATTACHMENTS : readAttachments(bytes, body, header),
  };
}

/** A plain Uint8Array, whatever the chunk is: a Buffer's subarray costs twice as much to make. */
function view(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + at, length);
}

function readAttachments(bytes: Uint8Array, body: number, header: FrameHeader): FrameAttachment[] {
  const entries = body + padded(header.bodyBytes);
  const end = entries + header.attachmentBytes;
  expectZeros(bytes, body + header.bodyBytes, entries);
  const attachments: FrameAttachment[] = [];
  let at = entries + header.attachmentCount * ENTRY_BYTES;
  for (let entry = entries; attachments.length < header.attachmentCount; entry += ENTRY_BYTES) {
    const length = u32(bytes, entry);
    const kind = u32(bytes, entry + 4);
    if (kind > 1) throw invalid("attachment kind", kind);
    if (padded(length) > end - at) throw invalid("attachment byteLength", length);
    attachments.push({ kind: kind === 1 ? "reference" : "inline", data: view(bytes, at, length) });
    expectZeros(bytes, at + length, at + padded(length));
    at += padded(length);
  }
  if (at !== end) throw invalid("attachmentBytes", header.attachmentBytes);
  return attachments;
}

function expectZeros(bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at += 1) {
    if (bytes[at] !== 0) throw invalid("padding", bytes[at] as number);
  }
}
