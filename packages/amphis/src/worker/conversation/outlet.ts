import { AmphisError, bodyOf, type FrameKind } from "@amphis/protocol";

import type { Connection } from "../../transport/index.ts";
import type { Encoded, Luggage } from "../values/index.ts";

/** Of the largest frame: larger values go inline only where shared memory does not take them. */
export const MAX_INLINE_PART = 0.125;

/**
 * Longest value for which both ways are measured. In a frame a value is copied twice, and the event loop stands still for both; in memory
 * once. What would be learned from the first values is what cold pages take.
 */
export const MOST_MEASURED_BYTES = 0x10_0000;

interface Waiting {
  readonly kind: FrameKind;
  readonly callId: number;
  readonly encoded: Encoded;
}

/** Called for a frame that was accepted before the worker said what it takes, and turned out to be too large. */
export type OnUnsent = (callId: number, error: unknown) => void;

/** Frames on their way to a worker; those that come before the hellos wait for them. */
export class Outlet {
  readonly #connection: Connection;
  #waiting: Waiting[] | undefined = [];

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get isOpen(): boolean {
    return this.#waiting === undefined;
  }

  /**
   * Sends a frame. When it throws, nothing was sent and nothing is lent.
   *
   * @throws {AmphisError} FRAME_TOO_LARGE, CONNECTION_CLOSED
   */
  send(kind: FrameKind, callId: number, encoded: Encoded): void {
    if (this.#waiting !== undefined) this.#waiting.push({ kind, callId, encoded });
    else if (encoded instanceof Uint8Array) this.#sendWhole(kind, callId, encoded);
    else this.#sendWithLuggage(kind, callId, encoded);
  }

  /** The hellos are over. */
  open(onUnsent: OnUnsent): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const { kind, callId, encoded } of waiting) {
      try {
        this.send(kind, callId, encoded);
      } catch (error) {
        onUnsent(callId, error);
      }
    }
  }

  /** Nothing is sent any more. */
  close(): void {
    for (const { encoded } of this.#waiting?.splice(0) ?? []) {
      if (!(encoded instanceof Uint8Array)) encoded.luggage.takeBack();
    }
  }

  #sendWhole(kind: FrameKind, callId: number, frame: Uint8Array): void {
    const connection = this.#connection;
    const accepted =
      connection.sendWhole === undefined
        ? connection.send({ kind, callId, body: bodyOf(frame) })
        : connection.sendWhole(frame);
    // The end of the connection tells of all that it did not take.
    accepted?.catch(ignore);
  }

  #sendWithLuggage(
    kind: FrameKind,
    callId: number,
    { frame, luggage }: Exclude<Encoded, Uint8Array>,
  ): void {
    try {
      this.#check(frame, luggage);
    } catch (error) {
      luggage.takeBack();
      throw error;
    }
    const { attachments } = luggage;
    const body = bodyOf(frame);
    this.#connection.send({ kind, callId, body, attachments }).catch(() => luggage.takeBack());
  }

  /** What `send` would refuse only later. */
  #check(frame: Uint8Array, luggage: Luggage): void {
    const { state, peer, limits } = this.#connection;
    if (state.kind !== "open") {
      const reason = `the connection is ${state.kind}`;
      const context = { address: peer.address, reason };
      throw new AmphisError("CONNECTION_CLOSED", `Cannot send frame: ${reason}`, context);
    }
    const { maxFrameBytes: limit } = limits;
    const actual = Math.ceil(frame.length / 8) * 8 + luggage.byteLength;
    if (actual <= limit) return;
    const why = this.#connection.memory === undefined ? "" : withoutRoom(luggage, limit);
    const message = `Cannot send frame: ${actual} bytes are more than the limit of ${limit}${why}`;
    throw new AmphisError("FRAME_TOO_LARGE", message, { limit, actual });
  }
}

/** What is large goes into the frame only where shared memory did not take it. */
function withoutRoom({ attachments }: Luggage, limit: number): string {
  let bytes = 0;
  for (const { kind, data } of attachments) {
    if (kind === "inline" && data.length > limit * MAX_INLINE_PART) bytes += data.length;
  }
  if (bytes === 0) return "";
  const which = `${bytes} bytes of it are arrays, tables or bytes that found no room in shared memory`;
  return `; ${which}: raise memory.maxBytes, or release what is not needed`;
}

function ignore(): void {
  // See where it is used.
}
