import { Socket } from "node:net";

import { nativeCore } from "../../native-core.ts";
import type { ByteChannel } from "../byte-channel.ts";
import { DuplexChannel } from "../duplex-channel.ts";
import { FramedConnection } from "../framed-connection.ts";
import type { Connection, ConnectionOptions, PeerIdentity } from "../transport.ts";
import { openAsHost } from "./host.ts";
import { RawSocket } from "./raw-socket.ts";
import { OPENING_MS, type RingOptions, ringSettings } from "./settings.ts";
import { answerWithoutRings } from "./without-rings.ts";

export interface HandedOverOptions extends RingOptions, ConnectionOptions {
  /** Names the other end for people. @default "" */
  readonly address?: string | undefined;
  /** Ends the attempt, and not the connection that came of it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a channel as its host, over a connected Unix socket whose other end a guest was handed.
 *
 * The other end is for `open_inherited` of the Python package. Rings need a descriptor that Node has never read from, as Node drops what
 * comes with bytes: over a socket of Node, and without the native core, frames go over the socket itself.
 *
 * @param end descriptor or socket; the connection's from here on, and closed when none comes about
 * @throws {AmphisError} FRAME_INVALID; the signal's reason; when the guest is gone, or silent for ten seconds
 */
export async function hostChannel(
  end: number | Socket,
  options: HandedOverOptions = {},
): Promise<Connection> {
  const { signal: ending, address = "" } = options;
  const deadline = AbortSignal.timeout(OPENING_MS);
  const signal = ending === undefined ? deadline : AbortSignal.any([ending, deadline]);
  const peer = { transport: "shm", address };
  const channel =
    (await overRings(end, peer, options, signal)) ?? (await overSocket(end, peer, signal));
  return new FramedConnection(channel, { ...options, heartbeatMs: options.heartbeatMs ?? 0 });
}

/** Frames over a connected Unix socket that both processes have from elsewhere. */
export function connectionOver(socket: Socket, options: HandedOverOptions = {}): Connection {
  const peer = { transport: "unix", address: options.address ?? "" };
  return new FramedConnection(new DuplexChannel(socket, socket, peer), options);
}

async function overRings(
  end: number | Socket,
  peer: PeerIdentity,
  options: HandedOverOptions,
  signal: AbortSignal,
): Promise<ByteChannel | undefined> {
  if (typeof end !== "number") return undefined;
  const native = await nativeCore();
  if (native.kind === "unavailable") return undefined;
  const { core } = native;
  let isKept = false;
  try {
    const { capacity, spinMs, memory, spillBytes } = ringSettings(options);
    signal.throwIfAborted();
    const host = { core, capacity, spinMs, link: memory?.link(), spillBytes, peer };
    const rings = await openAsHost(new RawSocket(core, end), host, signal);
    if (rings !== undefined) return rings;
    isKept = true;
    return socketChannel(handedSocket(end), peer);
  } finally {
    if (!isKept) core.closeDescriptor(end);
  }
}

async function overSocket(
  end: number | Socket,
  peer: PeerIdentity,
  signal: AbortSignal,
): Promise<ByteChannel> {
  const socket = typeof end === "number" ? handedSocket(end) : end;
  try {
    await answerWithoutRings(socket, signal);
    return socketChannel(socket, peer);
  } catch (error) {
    socket.on("error", () => undefined).destroy();
    throw error;
  }
}

function socketChannel(socket: Socket, peer: PeerIdentity): ByteChannel {
  const channel = new DuplexChannel(socket, socket, peer);
  setImmediate(() => socket.resume());
  return channel;
}

function handedSocket(descriptor: number): Socket {
  return new Socket({ fd: descriptor, allowHalfOpen: true });
}
