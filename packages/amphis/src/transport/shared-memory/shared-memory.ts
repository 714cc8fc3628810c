import { connect, createServer, type Socket } from "node:net";

import type { NativeCore } from "@amphis/native";

import { nativeCore } from "../../native-core.ts";
import type { ByteChannel } from "../byte-channel.ts";
import { DuplexChannel } from "../duplex-channel.ts";
import { descriptorOf, processIdentifier } from "../peer-process.ts";
import { RetryLine } from "../retry-line.ts";
import { connectSocket } from "../socket-connect.ts";
import { listenOnPath, socketPath } from "../socket-file.ts";
import type { ServerPlan } from "../socket-listener.ts";
import type { PeerIdentity, Transport } from "../transport.ts";
import { openAsGuest } from "./guest.ts";
import { openAsHost } from "./host.ts";
import { RawSocket } from "./raw-socket.ts";
import { OPENING_MS, type RingOptions, type RingSettings, ringSettings } from "./settings.ts";
import { answerWithoutRings, offerNoRings } from "./without-rings.ts";

export interface SharedMemoryTransportOptions extends RingOptions {
  /** Takes `shm:@name` too, which every process of the machine may connect to and listen on. @default false */
  readonly allowAbstract?: boolean | undefined;
}

/**
 * Frames through rings in shared memory, between processes of one machine.
 *
 * A Unix socket (mode 0600) opens them and tells when a process ends. Where one of the two has no native core, frames go over that socket.
 * As the socket tells of every death, `heartbeatMs` of these connections is 0 by default: a worker that computes cannot give signs of life.
 */
export function sharedMemory(options: SharedMemoryTransportOptions = {}): Transport {
  const settings = ringSettings(options);
  const { allowAbstract = false } = options;
  const retries = new RetryLine();
  return {
    scheme: "shm",
    connect: async (address, options) => {
      const path = socketPath(address, "shm", allowAbstract);
      const processOf = await processIdentifier();
      const identify = (socket: Socket): PeerIdentity => identityOf(address, processOf(socket));
      return connectSocket(
        {
          address,
          ready: "connect",
          retries,
          // Node would drop the descriptors that come with bytes, so it does not read.
          open: () => connect({ path, allowHalfOpen: true }).pause(),
          identify,
          channel: (socket, signal) => join(socket, identify(socket), settings, signal),
        },
        { ...options, heartbeatMs: options?.heartbeatMs ?? 0 },
      );
    },
    listen: async (address, accept, options) => {
      const path = socketPath(address, "shm", allowAbstract);
      const processOf = await processIdentifier();
      const identify = (socket: Socket): PeerIdentity => identityOf("", processOf(socket));
      const plan = (): ServerPlan => ({
        server: createServer({ allowHalfOpen: true, pauseOnConnect: true }),
        arrival: "connection",
        where: { path },
        addressOf: () => address,
        identify,
        channel: (socket, signal) => welcome(socket, identify(socket), settings, signal),
      });
      const heartbeatMs = options?.heartbeatMs ?? 0;
      return listenOnPath({ address, path, plan }, accept, { ...options, heartbeatMs });
    },
  };
}

function identityOf(address: string, process: PeerIdentity["process"]): PeerIdentity {
  return { transport: "shm", address, ...(process === undefined ? {} : { process }) };
}

/** The host's side of a socket that was accepted. */
async function welcome(
  socket: Socket,
  peer: PeerIdentity,
  { capacity, spinMs, memory, spillBytes }: RingSettings,
  ending: AbortSignal,
): Promise<ByteChannel> {
  const signal = AbortSignal.any([ending, AbortSignal.timeout(OPENING_MS)]);
  const native = await nativeCore();
  if (native.kind === "unavailable") {
    await answerWithoutRings(socket, signal);
    return overSocket(socket, peer);
  }
  const { core } = native;
  const raw = rawSocket(core, socket);
  const host = { core, capacity, spinMs, link: memory?.link(), spillBytes, peer };
  return takeOver(socket, peer, await openAsHost(raw, host, signal));
}

/** The guest's side of a socket that has connected. */
async function join(
  socket: Socket,
  peer: PeerIdentity,
  { spinMs }: RingSettings,
  signal: AbortSignal,
): Promise<ByteChannel> {
  const native = await nativeCore();
  if (native.kind === "unavailable") {
    await offerNoRings(socket, signal);
    return overSocket(socket, peer);
  }
  const { core } = native;
  const raw = rawSocket(core, socket);
  return takeOver(socket, peer, await openAsGuest(raw, { core, spinMs, peer }, signal));
}

function rawSocket(core: NativeCore, socket: Socket): RawSocket {
  const descriptor = descriptorOf(socket);
  if (descriptor === undefined) throw new Error("the peer closed the connection");
  return new RawSocket(core, descriptor);
}

/** The rings have the socket under a descriptor of its own, so that Node's is of no more use. */
function takeOver(socket: Socket, peer: PeerIdentity, rings: ByteChannel | undefined): ByteChannel {
  if (rings === undefined) return overSocket(socket, peer);
  socket.destroy();
  return rings;
}

function overSocket(socket: Socket, peer: PeerIdentity): ByteChannel {
  const channel = new DuplexChannel(socket, socket, peer);
  setImmediate(() => socket.resume());
  return channel;
}
