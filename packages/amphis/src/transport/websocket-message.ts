/*
 * How frames travel in WebSocket messages, for both ends. Binary messages carry bytes of frames, cut anywhere: the messages one after the
 * other are the stream. Text messages say what a WebSocket has no words for:
 *
 *   pause, resume   asks the peer to send no more bytes, and to go on: the WebSocket of a browser cannot stop reading
 *   end             no more bytes come, but the peer's are still taken: a WebSocket closes both ways at once
 *
 * When both sides have said `end`, they close. Any other text ends the connection.
 */

import { AmphisError } from "@amphis/protocol";

export const PAUSE = "pause";
export const RESUME = "resume";
export const END = "end";

/**
 * Largest message that is sent. A receiver sees nothing of a message before its end, and must not take a peer for dead while a large
 * frame arrives.
 */
export const MAX_MESSAGE_BYTES = 0x4_0000;
/** Below this a copy costs less than a message of its own. */
const COPY_BYTES = 0x4000;

/** Normal closure, and the codes that leave nothing to complain about: going away, and none given. */
export const CLOSE_NORMAL = 1000;
const GOOD_ORDER: ReadonlySet<number> = new Set([CLOSE_NORMAL, 1001, 1005]);
/** A message of a type that cannot be taken. */
export const CLOSE_UNSUPPORTED = 1003;

/** The messages that carry these pieces: small ones together, large ones cut, in order. */
export function messagesOf(parts: readonly Uint8Array[]): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  let bytes = 0;
  const flush = (): void => {
    if (bytes > 0) messages.push(joined(small, bytes));
    small = [];
    bytes = 0;
  };
  for (const part of parts) {
    if (part.length < COPY_BYTES) {
      if (bytes + part.length > MAX_MESSAGE_BYTES) flush();
      small.push(part);
      bytes += part.length;
      continue;
    }
    flush();
    for (let at = 0; at < part.length; at += MAX_MESSAGE_BYTES) {
      messages.push(part.subarray(at, at + MAX_MESSAGE_BYTES));
    }
  }
  flush();
  return messages;
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const message = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}

/** What a close code says went wrong; undefined when the peer closed in good order. */
export function closeFailure(address: string, code: number): AmphisError | undefined {
  if (GOOD_ORDER.has(code)) return undefined;
  const reason = code === 1006 ? "it broke" : `the peer closed the WebSocket with code ${code}`;
  return connectionClosed(address, reason);
}

export function unknownText(address: string): AmphisError {
  return connectionClosed(address, "the peer sent a text that means nothing here");
}

export function bytesBehindEnd(address: string): AmphisError {
  return connectionClosed(address, "the peer sent bytes behind its end");
}

export function connectionClosed(
  address: string,
  reason: string,
  options?: ErrorOptions,
): AmphisError<"CONNECTION_CLOSED"> {
  return new AmphisError(
    "CONNECTION_CLOSED",
    `Cannot keep connection to ${address}: ${reason}`,
    { address, reason },
    options,
  );
}
