import { AmphisError, type Frame, FrameDecoder, HEADER_BYTES } from "@amphis/protocol";

import type { ConnectionLimits, Receiver } from "./transport.ts";

/** What an inbox needs of its connection. */
export interface InboxActs {
  /** Reading must stop, or may go on. */
  setReading(reading: boolean): void;
  /**
   * Takes what belongs to the transport and goes to no receiver: signs of life, and what is said of shared memory.
   *
   * @returns a frame that takes its place
   */
  onOwn(frame: Frame, maxFrameBytes: number): Frame | undefined;
  /** A frame with attachments is about to be handed over. */
  onAttachments(frame: Frame): void;
  /** Bytes that are no frame, a frame beyond the limits, or a receiver that threw. */
  onFailure(error: unknown): void;
  /** The peer sends nothing more, and the receiver has had everything. */
  onLastFrame(): void;
}

/** Shared by all that hold none. */
const NO_FRAMES: readonly Frame[] = Object.freeze([]);

/** Bytes on their way in: they become frames, and these go to the receiver one after the other. */
export class Inbox {
  readonly #acts: InboxActs;
  #decoder: FrameDecoder;
  #limits: ConnectionLimits;
  /** Limits that were agreed on, and that the decoder takes over between two frames. */
  #agreed = false;
  #receiver: Receiver | undefined;
  /** Not handed over from `#next` on. */
  #frames: readonly Frame[] = NO_FRAMES;
  #next = 0;
  /** A receiver's promise is pending. */
  #busy = false;
  #reading = true;
  #ended = false;
  #closed = false;
  #discards = false;

  constructor(limits: ConnectionLimits, acts: InboxActs) {
    this.#limits = limits;
    this.#acts = acts;
    this.#decoder = new FrameDecoder(limits);
  }

  get hasReceiver(): boolean {
    return this.#receiver !== undefined;
  }

  setReceiver(receiver: Receiver): void {
    this.#receiver = receiver;
    this.#deliver();
  }

  agree(limits: ConnectionLimits): void {
    this.#limits = limits;
    this.#agreed = true;
    this.#renewDecoder();
  }

  bytes(chunk: Uint8Array): void {
    if (this.#closed) return;
    const wasBusy = this.#busy;
    try {
      const frames = this.#decoder.feed(chunk);
      this.#frames =
        this.#frames.length === 0 ? frames : [...this.#frames.slice(this.#next), ...frames];
      this.#next = 0;
    } catch {
      // Nothing is lost: the decoder keeps its failure, which is reported behind the frames before it.
    }
    this.#renewDecoder();
    this.#deliver();
    if (wasBusy) this.#setReading(false);
  }

  /** The peer sends nothing more. */
  end(): void {
    this.#ended = true;
    this.#deliver();
  }

  /** Nobody will ever take frames: drops them, so that the end behind them is seen. */
  discard(): void {
    this.#discards = true;
    this.#deliver();
  }

  close(): void {
    this.#closed = true;
    this.#frames = NO_FRAMES;
    this.#next = 0;
  }

  #renewDecoder(): void {
    if (!this.#agreed || this.#decoder.pendingBytes > 0 || this.#decoder.failure) return;
    this.#agreed = false;
    this.#decoder = new FrameDecoder(this.#limits);
  }

  #deliver(): void {
    while (!this.#busy && !this.#closed && this.#next < this.#frames.length) {
      const frame = this.#frames[this.#next] as Frame;
      if (!this.#admits(frame)) return;
      if (frame.kind === "ping" || frame.kind === "pong" || frame.kind === "memory") {
        this.#next += 1;
        const lain = this.#acts.onOwn(frame, this.#limits.maxFrameBytes);
        if (lain === undefined || this.#closed) continue;
        this.#next -= 1;
        (this.#frames as Frame[])[this.#next] = lain;
      } else if (this.#receiver !== undefined) {
        this.#next += 1;
        if (frame.attachments.length > 0) this.#acts.onAttachments(frame);
        this.#hand(this.#receiver, frame);
      } else if (this.#discards) {
        this.#next += 1;
      } else break;
    }
    if (this.#closed) return;
    const idle = this.#next === this.#frames.length;
    if (idle) {
      this.#frames = NO_FRAMES;
      this.#next = 0;
      if (!this.#busy) this.#finish();
    }
    // To stop at once would cost more than most receivers take; a busy one stops its peer with the next chunk.
    if (!idle || !this.#busy) this.#setReading(idle);
  }

  /** What comes behind the last frame: nothing yet, a failure, or the end. */
  #finish(): void {
    if (this.#decoder.failure !== undefined) {
      this.#acts.onFailure(this.#decoder.failure);
    } else if (this.#ended) {
      this.#ended = false;
      try {
        this.#decoder.end();
      } catch (error) {
        this.#acts.onFailure(error);
        return;
      }
      this.#acts.onLastFrame();
    }
  }

  #setReading(reading: boolean): void {
    if (reading === this.#reading || this.#closed) return;
    this.#reading = reading;
    this.#acts.setReading(reading);
  }

  #hand(receiver: Receiver, frame: Frame): void {
    try {
      const taken = receiver(frame);
      if (taken === undefined) return;
      this.#busy = true;
      taken.then(
        () => {
          this.#busy = false;
          this.#deliver();
        },
        (error: unknown) => this.#threw(error),
      );
    } catch (error) {
      this.#threw(error);
    }
  }

  #threw(error: unknown): void {
    if (!this.#closed) this.#acts.onFailure(error);
  }

  /** Frames that were decoded before a handshake lowered the limits are held to them too. */
  #admits(frame: Frame): boolean {
    const actual = bytesOf(frame);
    const { maxFrameBytes: limit, versions } = this.#limits;
    if (actual > limit) {
      const message = `Cannot receive frame: ${actual} bytes are more than the limit of ${limit}`;
      this.#acts.onFailure(new AmphisError("FRAME_TOO_LARGE", message, { limit, actual }));
      return false;
    }
    const { version, kind } = frame;
    if ((version < versions[0] || version > versions[1]) && kind !== "hello") {
      const message = `Cannot receive frame: version ${version} was not negotiated, only ${versions[0]} to ${versions[1]}`;
      const context = { local: [...versions], remote: [version, version] };
      this.#acts.onFailure(new AmphisError("VERSION_UNSUPPORTED", message, context));
      return false;
    }
    return true;
  }
}

/** Length of a frame on the wire. */
function bytesOf(frame: Pick<Frame, "body" | "attachments">): number {
  const { body, attachments } = frame;
  if (attachments.length === 0) return HEADER_BYTES + body.length;
  let bytes = HEADER_BYTES + padded(body.length);
  for (const { data } of attachments) bytes += 8 + padded(data.length);
  return bytes;
}

function padded(length: number): number {
  return Math.ceil(length / 8) * 8;
}
