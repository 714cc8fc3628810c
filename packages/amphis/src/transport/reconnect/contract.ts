/*
 * A link stays when its connection goes: it connects again, with exponential back-off and full jitter, and goes on.
 *
 * Connecting. It starts at once and tries again after each failed attempt and each connection that ended, whoever ended it. The wait is
 * anything from nothing to a limit that grows with the failures in a row. A connection that holds for `stableMs` resets the count; one that
 * breaks earlier counts as a failure. After `maxAttempts` failures in a row the link ends with RECONNECT_EXHAUSTED, whose cause is the last
 * error; an attempt that fails with an error that is not retryable, such as PEER_REJECTED, ends it with that error at once.
 *
 * Sending. At most once, in order. While there is a connection, `send` is that of the connection: it resolves when the frame is accepted.
 * What was accepted and not yet delivered when the connection breaks may or may not have arrived; the link does not know and never sends
 * it again. What was not accepted has not been sent; then, and while there is no connection, each `send` chooses: with `fail` it rejects
 * with CONNECTION_CLOSED; with `queue` it waits for the next connection, and goes out before anything that was sent after it. The queue
 * holds `queueBytes`; beyond that `send` rejects with SEND_QUEUE_FULL. A frame belongs to the link until `send` settles.
 *
 * Receiving. One receiver takes the frames of all connections. A frame that the peer sent and that did not arrive before the break is
 * lost; state changes tell when that may be so. What has to happen first on each connection, a handshake or a login, belongs into `connect`.
 *
 * Ending. `drain` takes no more, sends what waits, connecting again for it if it must, and drains the connection. `close` rejects what waits and
 * closes the connection. Both work once, from any state, and resolve when no connection, attempt or timer is left. Disposing closes.
 */

import type { AmphisError, FrameInit } from "@amphis/protocol";

import type { BackoffOptions } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { CloseReason, Connection, Receiver, SendOptions } from "../transport.ts";

/** What becomes of a frame while there is no connection. */
export type WhileDown = "fail" | "queue";

export interface LinkOptions {
  readonly backoff?: BackoffOptions | undefined;
  /** Failures in a row after which the link ends. @default Infinity */
  readonly maxAttempts?: number | undefined;
  /** A connection that holds for so long is no failure. @default 10_000 */
  readonly stableMs?: number | undefined;
  /** For each `send` that does not say. @default "fail" */
  readonly whileDown?: WhileDown | undefined;
  /** Bytes of frames that may wait for a connection. @default 1_048_576 */
  readonly queueBytes?: number | undefined;
  /**
   * Told of each change of state, in order. May call every method.
   * What it throws is reported as an uncaught exception; the link goes on.
   */
  readonly onState?: ((state: LinkState) => void) | undefined;
  /** Where the link leads, for error messages. @default what the latest connection says */
  readonly address?: string | undefined;
  /** @default the system's */
  readonly clock?: Clock | undefined;
  /** Numbers from 0 to 1, without 1. @default Math.random */
  readonly random?: (() => number) | undefined;
}

export type LinkState =
  /** An attempt is under way; the first in a row is 1. */
  | { readonly kind: "connecting"; readonly attempt: number }
  | { readonly kind: "up"; readonly connection: Connection }
  /** The next attempt is in `delayMs`; `error` is why there is no connection. */
  | { readonly kind: "waiting"; readonly delayMs: number; readonly error: Error }
  /** Everything is sent and the connection drains. */
  | { readonly kind: "draining"; readonly connection: Connection }
  | { readonly kind: "closed"; readonly reason: CloseReason };

export interface LinkSendOptions extends SendOptions {
  /** @default that of the link */
  readonly whileDown?: WhileDown | undefined;
}

export interface WhenUpOptions {
  /** Gives up waiting. */
  readonly signal?: AbortSignal | undefined;
}

export interface Link extends AsyncDisposable {
  readonly state: LinkState;
  /** Bytes of frames that wait for a connection. */
  readonly queuedBytes: number;
  /** Resolves once, whatever the reason; never rejects. A peer that closes does not end a link. */
  readonly closed: Promise<CloseReason>;
  /** @throws {AmphisError} CONNECTION_CLOSED, SEND_QUEUE_FULL, FRAME_TOO_LARGE, or why the link ended: RECONNECT_EXHAUSTED */
  send(frame: FrameInit, options?: LinkSendOptions): Promise<void>;
  /** Sets who takes the frames, of this connection and all later ones. @throws {TypeError} when there is one already */
  receive(receiver: Receiver): void;
  /** The connection, as soon as there is one. Rejects with why the link ended, or with the signal's reason. */
  whenUp(options?: WhenUpOptions): Promise<Connection>;
  drain(): Promise<CloseReason>;
  /** With an error, `closed` tells it as the reason. */
  close(error?: AmphisError): Promise<CloseReason>;
}
