import type { NativeCore } from "@amphis/native";

import type { MemoryLink } from "../../memory/index.ts";
import type { PeerIdentity } from "../transport.ts";
import { LentMemory } from "./lent-memory.ts";
import {
  decodeOffer,
  encodeAnswer,
  invalid,
  OFFER_BYTES,
  ringLayout,
  type Takes,
} from "./opening.ts";
import type { RawSocket } from "./raw-socket.ts";
import { RingChannel } from "./ring-channel.ts";
import { RingPair } from "./ring-pair.ts";

/** What a host offers its guest. */
export interface HostOptions {
  readonly core: NativeCore;
  /** Bytes of records in each ring. */
  readonly capacity: number;
  readonly spinMs: number;
  /** Memory for the guest, with its number and key in references. Closed with the channel, or when none comes about. */
  readonly link: MemoryLink | undefined;
  /** Frames of so many bytes and more go through that memory. */
  readonly spillBytes: number;
  readonly peer: PeerIdentity;
}

/** References of a channel without memory are for nobody. */
const NOBODY = { holder: 0, key: new Uint8Array(32) };

/**
 * Agrees with a guest on how frames travel (spec/channel.md). The socket is the channel's afterwards, or closed.
 *
 * @returns the channel; undefined: frames go over the socket that this one was made of
 * @throws {AmphisError} FRAME_INVALID; the reason of the signal; what the system refuses
 */
export async function openAsHost(
  socket: RawSocket,
  options: HostOptions,
  signal: AbortSignal,
): Promise<RingChannel | undefined> {
  let channel: RingChannel | undefined;
  try {
    const { bytes } = await socket.read(OFFER_BYTES, 0, signal);
    const takes = decodeOffer(bytes);
    if (takes !== "nothing") channel = await offerRings(socket, options, takes, signal);
    else socket.write(encodeAnswer({ mode: "socket" }));
    return channel;
  } finally {
    if (channel === undefined) {
      options.link?.close();
      socket.close();
    }
  }
}

async function offerRings(
  socket: RawSocket,
  { core, capacity, spinMs, link, spillBytes, peer }: HostOptions,
  takes: Takes,
  signal: AbortSignal,
): Promise<RingChannel | undefined> {
  const { rings, descriptors } = RingPair.lay(core, capacity);
  try {
    const { holder, key } = link ?? NOBODY;
    const { regionBytes } = ringLayout(capacity);
    const answer = encodeAnswer({ mode: "rings", capacity, holder, regionBytes, key });
    try {
      socket.write(answer, descriptors);
    } finally {
      // The guest has its own by now: a doorbell is to end with the one who has it.
      socket.closeAll(descriptors.slice(1));
    }
    const { bytes } = await socket.read(1, 0, signal);
    const [ready = 0] = bytes;
    if (ready > 1) throw invalid("ready", ready);
    if (ready === 1) {
      // A guest in TypeScript finds nothing in memory.
      const leastBytes = takes === "references" ? spillBytes : Number.POSITIVE_INFINITY;
      const memory = link === undefined ? undefined : new LentMemory(link, socket, leastBytes);
      return new RingChannel({ core, rings, socket, peer, spinMs, memory, onSocket: takeNothing });
    }
  } catch (error) {
    rings.close();
    throw error;
  }
  rings.close();
  return undefined;
}

/** A guest says nothing on the socket but that it ends. */
function takeNothing(socket: RawSocket): boolean {
  const taken = socket.take(new Uint8Array(1), 0);
  if (taken === undefined) return false;
  if (taken.byteLength > 0) throw invalid("socket", taken.byteLength);
  return true;
}
