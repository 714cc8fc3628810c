import type { NativeCore, RingOutcome, RingWatch } from "@amphis/native";

import type { ByteChannel, ByteChannelEvents, ChannelMemory } from "../byte-channel.ts";
import type { PeerIdentity } from "../transport.ts";
import type { RawSocket } from "./raw-socket.ts";
import type { RingPair } from "./ring-pair.ts";
import { RingReader } from "./ring-reader.ts";
import { RingWriter } from "./ring-writer.ts";

/** One thread cannot wait for two rings: while it waits for room in one, it looks into the other so often. */
const ROOM_SLICE_MS = 1;

/** What a channel is made of. Rings, socket and memory are the channel's, and are closed with it. */
export interface RingChannelInit {
  readonly core: NativeCore;
  readonly rings: RingPair;
  readonly socket: RawSocket;
  readonly memory?: ChannelMemory | undefined;
  readonly peer: PeerIdentity;
  /** Upper bound of the time that this side looks at the ring before it sleeps. */
  readonly spinMs: number;
  /** Takes what comes on the socket, all of it. @returns whether the peer has ended @throws for what it may not send */
  readonly onSocket: (socket: RawSocket) => boolean;
}

/**
 * Bytes through two rings in shared memory. The socket beside them is there to end: it does so with the process at its other end.
 *
 * What the peer wrote before it died is still taken. Then it counts as all that it sent, as with any socket.
 */
export class RingChannel implements ByteChannel {
  readonly peer: PeerIdentity;
  readonly memory: ChannelMemory | undefined;
  readonly isPrompt = true;
  readonly #init: RingChannelInit;
  readonly #reader: RingReader;
  readonly #writer: RingWriter;
  #events: ByteChannelEvents | undefined;
  #watch: RingWatch | undefined;
  #turn: NodeJS.Immediate | undefined;
  #isPaused = false;
  /** This side has said, or is about to say, that it sends nothing more. */
  #isEnding = false;
  /** The listener knows that nothing more comes. */
  #endTold = false;
  /** Nobody is at the other end. */
  #peerIsGone = false;
  #isClosed = false;

  constructor(init: RingChannelInit) {
    this.peer = init.peer;
    this.memory = init.memory;
    this.#init = init;
    this.#reader = new RingReader(init.rings.incoming);
    this.#writer = new RingWriter(
      init.rings.outgoing,
      (byteLength) => this.#watch?.armRoom(byteLength) ?? false,
    );
  }

  start(events: ByteChannelEvents): void {
    const { core, rings, spinMs, socket } = this.#init;
    const { incoming: consumer, outgoing: producer, doorbell } = rings;
    this.#events = events;
    this.#watch = core.watchRing({ consumer, producer, doorbell, spinMs }, () => this.#go());
    socket.watch(() => this.#hearSocket());
    this.#goSoon();
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (this.#isClosed || this.#isEnding || this.#peerIsGone) return true;
    try {
      this.#writer.write(parts);
    } catch (error) {
      this.#close(error as Error);
    }
    if (this.#watch !== undefined) this.#watch.expecting = true;
    return this.#writer.isDone;
  }

  pause(): void {
    this.#isPaused = true;
    this.#watch?.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#watch?.resume();
    this.#goSoon();
  }

  end(): void {
    if (this.#isClosed || this.#isEnding) return;
    this.#isEnding = true;
    if (!this.#peerIsGone) this.#try(() => this.#writer.end());
    this.#goSoon();
  }

  destroy(): void {
    this.#close();
  }

  /**
   * Blocks this thread until bytes come, and hands them over before it returns; for callers who have nothing else to do.
   *
   * @param interrupt see `Connection.pump`
   * @returns whether there was something within the time, the end of the peer included
   */
  pump(timeoutMs: number, interrupt?: Int32Array): boolean {
    if (this.#isClosed || this.#isPaused) return false;
    const outcome = this.#await(timeoutMs, interrupt);
    if (outcome instanceof Uint8Array) {
      this.#go(outcome);
      return true;
    }
    if (outcome === "peer-gone") this.#hearSocket();
    this.#go();
    return outcome === "ready" || outcome === "other" || outcome === "peer-gone";
  }

  #await(
    timeoutMs: number,
    interrupt: Int32Array | undefined,
  ): Uint8Array | RingOutcome | "other" | undefined {
    const { spinMs, socket } = this.#init;
    try {
      if (!this.#writer.isDone) return this.#awaitAndSend(timeoutMs, interrupt);
      return this.#reader.receive({ spinMs, timeoutMs, interrupt, liveness: socket.descriptor });
    } catch (error) {
      this.#close(error as Error);
      return undefined;
    }
  }

  /** What waits to be sent goes on meanwhile, as the peer may answer nothing before it has all of it. */
  #awaitAndSend(timeoutMs: number, interrupt: Int32Array | undefined): RingOutcome {
    const { rings, spinMs, socket } = this.#init;
    const { incoming, outgoing } = rings;
    const liveness = socket.descriptor;
    const deadline = performance.now() + timeoutMs;
    while (!this.#isClosed) {
      const leftMs = Math.max(0, deadline - performance.now());
      const next = this.#writer.nextBytes;
      if (next === undefined) {
        return incoming.wait({ spinMs, timeoutMs: leftMs, interrupt, liveness });
      }
      if (incoming.nextLength() !== undefined) return "ready";
      if (leftMs === 0) return "timeout";
      const room = outgoing.wait(next, {
        timeoutMs: Math.min(leftMs, ROOM_SLICE_MS),
        interrupt,
        liveness,
      });
      if (room === "peer-gone" || room === "interrupted") return room;
      if (room === "ready") this.#flush();
    }
    return "peer-gone";
  }

  #goSoon(): void {
    this.#turn ??= setImmediate(() => this.#go());
  }

  /** Sends what waits, takes what is there, and sees whether that was all. @param taken what was there, where it is taken */
  #go(taken?: Uint8Array): void {
    if (this.#turn !== undefined) {
      clearImmediate(this.#turn);
      this.#turn = undefined;
    }
    if (this.#isClosed) return;
    if (!this.#writer.isDone) this.#flush();
    if (taken === undefined) this.#read();
    else this.#hand(taken);
    this.#settle();
  }

  #flush(): void {
    this.#try(() => this.#writer.flush());
    if (this.#writer.isDone && !this.#isEnding) this.#events?.onWritable();
  }

  /** Takes what is there, as far as it fits at once: for more it is called again, after others had their turn. */
  #read(): void {
    if (this.#isPaused || this.#isClosed) return;
    const chunk = this.#take();
    if (chunk !== undefined) this.#hand(chunk);
  }

  #hand(chunk: Uint8Array): void {
    this.#events?.onBytes(chunk);
    // No doorbell rings any more.
    if (this.#peerIsGone) this.#goSoon();
  }

  #take(): Uint8Array | undefined {
    try {
      return this.#reader.take();
    } catch (error) {
      this.#close(error as Error);
      return undefined;
    }
  }

  /** Ends what has ended. While reading is paused, the end may lie behind what was not read. */
  #settle(): void {
    if (this.#isClosed || this.#isPaused || this.#turn !== undefined) return;
    if (!this.#endTold && (this.#reader.hasEnded || this.#peerIsGone)) {
      this.#endTold = true;
      this.#events?.onEnd();
    }
    const hasSaid = this.#isEnding && this.#writer.isDone;
    if (this.#endTold && (hasSaid || this.#peerIsGone)) this.#close();
  }

  #hearSocket(): void {
    if (this.#isClosed || this.#peerIsGone) return;
    const { onSocket, socket } = this.#init;
    this.#peerIsGone = this.#try(() => onSocket(socket)) ?? false;
    if (!this.#peerIsGone) return;
    socket.unwatch();
    this.#go();
  }

  /** A ring or a socket that breaks a rule ends the channel. */
  #try<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#close(error as Error);
      return undefined;
    }
  }

  #close(cause?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearImmediate(this.#turn);
    this.#watch?.close();
    this.#init.rings.close();
    this.#init.socket.close();
    this.memory?.link.close();
    const events = this.#events;
    this.#events = undefined;
    setImmediate(() => events?.onClose(cause));
  }
}
