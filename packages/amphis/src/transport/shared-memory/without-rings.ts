import { once } from "node:events";
import type { Socket } from "node:net";

import {
  ANSWER_BYTES,
  decodeAnswer,
  decodeOffer,
  encodeAnswer,
  encodeOffer,
  invalid,
  OFFER_BYTES,
} from "./opening.ts";

/*
 * The same opening through Node's own sockets, for a side without the native core: it takes no descriptors, so it is never to get any.
 */

/** Tells a guest that frames go over the socket. @throws {AmphisError} FRAME_INVALID; the reason of the signal */
export async function answerWithoutRings(socket: Socket, signal: AbortSignal): Promise<void> {
  decodeOffer(await read(socket, OFFER_BYTES, signal));
  socket.write(encodeAnswer({ mode: "socket" }));
}

/** Tells a host that frames go over the socket. @throws {AmphisError} FRAME_INVALID; the reason of the signal */
export async function offerNoRings(socket: Socket, signal: AbortSignal): Promise<void> {
  socket.write(encodeOffer("nothing"));
  const answer = decodeAnswer(await read(socket, ANSWER_BYTES, signal));
  if (answer.mode !== "socket") throw invalid("mode", 1);
}

/** So many bytes and no more; what follows stays in the socket. */
async function read(socket: Socket, length: number, signal: AbortSignal): Promise<Uint8Array> {
  for (;;) {
    const bytes = socket.read(length) as Buffer | null;
    if (bytes?.length === length) return bytes;
    if (bytes !== null || socket.readableEnded) throw new Error("the peer closed the connection");
    await Promise.race([
      once(socket, "readable", { signal }),
      once(socket, "end", { signal }),
      once(socket, "close", { signal }),
    ]);
  }
}
