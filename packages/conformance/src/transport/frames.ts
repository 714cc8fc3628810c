import { type AmphisError, type Frame, type FrameInit, isAmphisError } from "@amphis/protocol";
import type { Connection } from "amphis/transport";

import { within } from "./within.ts";

/** A small frame that tells its number. */
export function numbered(number: number): FrameInit {
  return { kind: "event", callId: number, body: Uint8Array.of(number & 0xff) };
}

/** Bytes in which a shift, a swap or a repetition shows. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0, word = seed; at < length; at += 1) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) | 0;
    bytes[at] = word >>> 24;
  }
  return bytes;
}

/** Takes everything that comes. */
export class Inbox {
  readonly frames: Frame[] = [];
  readonly #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(connection: Connection, before?: (frame: Frame) => void | Promise<void>) {
    connection.receive((frame) => {
      this.frames.push(frame);
      for (const { count, resolve } of this.#waiting) if (this.frames.length >= count) resolve();
      return before?.(frame);
    });
  }

  /** The numbers of the frames so far. */
  get numbers(): number[] {
    return this.frames.map(({ callId }) => callId);
  }

  /** All frames, when there are so many. */
  async until(count: number): Promise<readonly Frame[]> {
    if (this.frames.length < count) {
      const reached = new Promise<void>((resolve) => void this.#waiting.push({ count, resolve }));
      await within(`frame ${count}`, reached);
    }
    return this.frames;
  }
}

/** 0, 1, 2 and so on. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

export type Outcome =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused"; readonly error: unknown };

/** How a send ended; never rejects. */
export async function outcome(sent: Promise<void>): Promise<Outcome> {
  try {
    await sent;
    return { kind: "accepted" };
  } catch (error) {
    return { kind: "refused", error };
  }
}

/** The typed error that a promise rejects with. */
export async function refusal(what: string, promise: Promise<unknown>): Promise<AmphisError> {
  try {
    await within(what, promise);
  } catch (error) {
    if (isAmphisError(error)) return error;
    throw error;
  }
  throw new Error(`Cannot go on: ${what} was no failure`);
}
