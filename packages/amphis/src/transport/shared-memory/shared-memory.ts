import { connect, createServer, type Socket } from "node:net";
import { availableParallelism } from "node:os";

import type { NativeCore } from "@amphis/native";

import type { SharedMemory } from "../../memory/index.ts";
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
import { isCapacity } from "./opening.ts";
import { RawSocket } from "./raw-socket.ts";
import { answerWithoutRings, offerNoRings } from "./without-rings.ts";

export interface SharedMemoryTransportOptions {
  /** Bytes that each of the two rings holds: a power of two. The listening side decides. @default 262_144 */
  readonly ringBytes?: number | undefined;
  /**
   * Looks at the ring for so long before it sleeps, while an answer is due. Less where that does not pay, and never while both sides run on
   * one CPU.
   * @default 0.05, and 0 where there is one CPU
   */
  readonly spinMs?: number | undefined;
  /** For the listening side: memory to lend to those who connect. @default none */
  readonly memory?: SharedMemory | undefined;
  /** Takes `shm:@name` too, which every process of the machine may connect to and listen on. @default false */
  readonly allowAbstract?: boolean | undefined;
}

const OPENING_MS = 10_000;
const DEFAULT_SPIN_MS = 0.05;

/**
 * Frames through rings in shared memory, between processes of one machine.
 *
 * A Unix socket (mode 0600) opens them and tells when a process ends. Where one of the two has no native core, frames go over that socket.
 * As the socket tells of every death, `heartbeatMs` of these connections is 0 by default: a worker that computes cannot give signs of life.
 */
export function sharedMemory(options: SharedMemoryTransportOptions = {}): Transport {
  const settings = resolve(options);
  const retries = new RetryLine();
  return {
    scheme: "shm",
    connect: async (address, options) => {
      const path = socketPath(address, "shm", settings.allowAbstract);
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
      const path = socketPath(address, "shm", settings.allowAbstract);
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

interface Settings {
  readonly capacity: number;
  readonly spinMs: number;
  readonly memory: SharedMemory | undefined;
  readonly allowAbstract: boolean;
}

function resolve(options: SharedMemoryTransportOptions): Settings {
  const {
    ringBytes: capacity = 0x4_0000,
    spinMs = availableParallelism() > 1 ? DEFAULT_SPIN_MS : 0,
    memory,
    allowAbstract = false,
  } = options;
  if (!isCapacity(capacity)) {
    throw new RangeError(
      `Cannot open transport: ringBytes must be a power of two from 128 to 2^30, got ${capacity}`,
    );
  }
  if (!(spinMs >= 0 && spinMs <= 1_000)) {
    throw new RangeError(`Cannot open transport: spinMs must be from 0 to 1000, got ${spinMs}`);
  }
  return { capacity, spinMs, memory, allowAbstract };
}

function identityOf(address: string, process: PeerIdentity["process"]): PeerIdentity {
  return { transport: "shm", address, ...(process === undefined ? {} : { process }) };
}

/** The host's side of a socket that was accepted. */
async function welcome(
  socket: Socket,
  peer: PeerIdentity,
  { capacity, spinMs, memory }: Settings,
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
  const host = { core, capacity, spinMs, link: memory?.link(), peer };
  return takeOver(socket, peer, await openAsHost(raw, host, signal));
}

/** The guest's side of a socket that has connected. */
async function join(
  socket: Socket,
  peer: PeerIdentity,
  { spinMs }: Settings,
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
