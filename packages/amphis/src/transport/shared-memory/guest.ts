import type { NativeCore } from "@amphis/native";
import { isAmphisError } from "@amphis/protocol";

import type { PeerIdentity } from "../transport.ts";
import { ANNOUNCEMENT_BYTES, ANSWER_BYTES, decodeAnswer, encodeOffer, invalid } from "./opening.ts";
import type { RawSocket } from "./raw-socket.ts";
import { RingChannel } from "./ring-channel.ts";
import { RingPair } from "./ring-pair.ts";

export interface GuestOptions {
  readonly core: NativeCore;
  readonly spinMs: number;
  readonly peer: PeerIdentity;
}

/** Region, what the guest rings, what the guest hears. */
const DESCRIPTORS = 3;
const READY = Uint8Array.of(1);
const NOT_READY = Uint8Array.of(0);

/**
 * Takes what a host offers (spec/channel.md). The socket is the channel's afterwards, or closed.
 *
 * @returns the channel; undefined: frames go over the socket that this one was made of
 * @throws {AmphisError} FRAME_INVALID; the reason of the signal
 */
export async function openAsGuest(
  socket: RawSocket,
  options: GuestOptions,
  signal: AbortSignal,
): Promise<RingChannel | undefined> {
  let channel: RingChannel | undefined;
  try {
    socket.write(encodeOffer("rings"));
    channel = await takeAnswer(socket, options, signal);
    return channel;
  } finally {
    if (channel === undefined) socket.close();
  }
}

async function takeAnswer(
  socket: RawSocket,
  { core, spinMs, peer }: GuestOptions,
  signal: AbortSignal,
): Promise<RingChannel | undefined> {
  const incoming = await socket.read(ANSWER_BYTES, DESCRIPTORS, signal);
  try {
    const answer = decodeAnswer(incoming.bytes);
    const expected = answer.mode === "rings" ? DESCRIPTORS : 0;
    if (incoming.descriptors.length !== expected) {
      throw invalid("descriptors", incoming.descriptors.length);
    }
    if (answer.mode === "socket") return undefined;
    const descriptors = incoming.descriptors.splice(0) as [number, number, number];
    const rings = adopt(core, answer, descriptors);
    socket.write(rings === undefined ? NOT_READY : READY);
    if (rings === undefined) return undefined;
    return new RingChannel({ core, rings, socket, peer, spinMs, onSocket: dropAnnouncements });
  } finally {
    incoming[Symbol.dispose]();
  }
}

/** Memory that could end this process, or has no place in it, is not mapped, and frames go another way. */
function adopt(...args: Parameters<typeof RingPair.adopt>): RingPair | undefined {
  try {
    return RingPair.adopt(...args);
  } catch (error) {
    if (isAmphisError(error) && error.code !== "FRAME_INVALID") return undefined;
    throw error;
  }
}

/** This side asks for no memory, so what it is told of some is let go. @returns whether the host has ended */
function dropAnnouncements(socket: RawSocket): boolean {
  for (;;) {
    const taken = socket.take(new Uint8Array(ANNOUNCEMENT_BYTES), 1);
    if (taken === undefined) return false;
    socket.closeAll(taken.descriptors);
    if (taken.byteLength === 0) return true;
  }
}
