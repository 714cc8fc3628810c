import {
  type Frame,
  type FrameAttachment,
  type FrameInit,
  frameParts,
  PROTOCOL_VERSION,
} from "@amphis/protocol";

const NO_ATTACHMENTS: readonly FrameAttachment[] = Object.freeze([]);

/** A frame on its way. */
export interface PipedFrame {
  readonly frame: Frame;
  /** What it would take on a wire. */
  readonly bytes: number;
}

interface Waiting extends PipedFrame {
  accept(): void;
  refuse(error: unknown): void;
}

/**
 * Frames in one direction within a process, by reference.
 *
 * Holds no more than `highWaterBytes` and one frame; further frames wait outside, in order.
 */
export class FramePipe {
  readonly #highWaterBytes: number;
  readonly #onFrame: () => void;
  #held: PipedFrame[] = [];
  /** Place of the oldest one in #held: what was taken is cut off in one piece, not frame by frame. */
  #start = 0;
  #heldBytes = 0;
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiting>();

  constructor(highWaterBytes: number, onFrame: () => void) {
    this.#highWaterBytes = highWaterBytes;
    this.#onFrame = onFrame;
  }

  /** Whether everything that was accepted has been taken. */
  get isEmpty(): boolean {
    return this.#start === this.#held.length;
  }

  /** Whether the next frame would have to wait. */
  get isFull(): boolean {
    return this.#heldBytes > this.#highWaterBytes;
  }

  /** What the frames that are held would take on a wire. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Resolves when the frame is held. */
  put(piped: PipedFrame, signal?: AbortSignal): Promise<void> {
    // When one waits, so much is held: those that came first go first.
    if (this.isFull) return this.#wait(piped, signal);
    this.#hold(piped);
    this.#onFrame();
    return Promise.resolve();
  }

  /** The oldest frame. Lets in those that wait for its place. */
  take(): Frame | undefined {
    const piped = this.#held[this.#start];
    if (piped === undefined) return undefined;
    this.#start += 1;
    this.#heldBytes -= piped.bytes;
    if (this.#start === this.#held.length) {
      this.#held = [];
      this.#start = 0;
    } else if (this.#start === 1_024) {
      this.#held = this.#held.slice(this.#start);
      this.#start = 0;
    }
    for (const next of this.#waiting) {
      if (this.#heldBytes > this.#highWaterBytes) break;
      this.#hold(next);
      next.accept();
    }
    return piped.frame;
  }

  /** Refuses those that wait; what is held stays. */
  refuse(error: unknown): void {
    for (const waiting of this.#waiting) waiting.refuse(error);
  }

  /** Drops what is held. */
  drop(): void {
    this.#held = [];
    this.#start = 0;
    this.#heldBytes = 0;
  }

  #hold(piped: PipedFrame): void {
    this.#held.push({ frame: piped.frame, bytes: piped.bytes });
    this.#heldBytes += piped.bytes;
  }

  #wait({ frame, bytes }: PipedFrame, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiting);
        signal?.removeEventListener("abort", abort);
      };
      const waiting: Waiting = {
        frame,
        bytes,
        accept: () => {
          leave();
          resolve();
        },
        refuse: (error) => {
          leave();
          reject(error as Error);
        },
      };
      const abort = (): void => waiting.refuse(signal?.reason);
      this.#waiting.add(waiting);
      signal?.addEventListener("abort", abort);
    });
  }
}

/** What the frame would take on a wire. Refuses what could not cross one, with the same error. */
export function wireBytes(frame: FrameInit, maxFrameBytes: number): number {
  let bytes = 0;
  for (const part of frameParts(frame, { maxFrameBytes })) bytes += part.length;
  return bytes;
}

export function frameOf(init: FrameInit): Frame {
  const {
    kind,
    callId = 0,
    priority = "normal",
    codec = "msgpack",
    version = PROTOCOL_VERSION,
    body,
    attachments = NO_ATTACHMENTS,
  } = init;
  return { kind, callId, priority, codec, version, body, attachments };
}
