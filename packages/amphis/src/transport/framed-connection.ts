import { AmphisError, encodeFrame, type FrameInit, frameParts } from "@amphis/protocol";

import type { MemoryLink } from "../memory/index.ts";
import type { ByteChannel } from "./byte-channel.ts";
import { connectionSettings } from "./connection-settings.ts";
import type { EncodedFrame } from "./encoded-frame.ts";
import { type ClosedObserver, Line } from "./line.ts";
import { ACCEPTED } from "./send-queue.ts";
import type {
  CloseReason,
  Connection,
  ConnectionLimits,
  ConnectionOptions,
  ConnectionState,
  PeerIdentity,
  Receiver,
  SendOptions,
} from "./transport.ts";

/** Larger bodies are not copied. */
const COPIED_BYTES = 0x1000;

/** A connection over anything that moves bytes. Free of Node, so that it works in browsers too. */
export class FramedConnection implements Connection {
  readonly #line: Line;
  #limits: ConnectionLimits;

  /** `onClosed` hears of the end just before `closed` tells; a listener needs one function for all of its connections. */
  constructor(channel: ByteChannel, options: ConnectionOptions = {}, onClosed?: ClosedObserver) {
    const settings = connectionSettings(options);
    this.#limits = settings.limits;
    this.#line = new Line({ channel, settings, connection: this, onClosed });
  }

  get state(): ConnectionState {
    return this.#line.state;
  }

  get peer(): PeerIdentity {
    return this.#line.channel.peer;
  }

  get limits(): ConnectionLimits {
    return this.#limits;
  }

  get closed(): Promise<CloseReason> {
    return this.#line.closed;
  }

  get isFull(): boolean {
    return this.#line.queue.isFull;
  }

  get queuedBytes(): number {
    return this.#line.queue.pendingBytes;
  }

  get silentMs(): number {
    return this.state.kind === "closed" ? 0 : this.#line.heartbeat.silentMs;
  }

  get memory(): MemoryLink | undefined {
    return this.#line.channel.memory?.link;
  }

  pump(timeoutMs: number, interrupt?: Int32Array): boolean {
    const { channel, queue } = this.#line;
    if (channel.pump === undefined) {
      throw new TypeError(`Cannot block for frames: ${channel.peer.transport} cannot`);
    }
    queue.flush();
    return channel.pump(timeoutMs, interrupt);
  }

  /** Body and attachments belong to the connection until the peer has them: do not write to them. */
  send(frame: FrameInit, options?: SendOptions): Promise<void> {
    try {
      options?.signal?.throwIfAborted();
      if (this.state.kind !== "open") throw this.#line.closedError();
      return this.#line.push(encode(frame, this.#limits), frame.priority, options?.signal);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  sendWhole(frame: Uint8Array): Promise<void> | undefined {
    if (this.state.kind !== "open") throw this.#line.closedError();
    const { maxFrameBytes: limit } = this.#limits;
    if (frame.length > limit) {
      const message = `Cannot send frame: ${frame.length} bytes are more than the limit of ${limit}`;
      throw new AmphisError("FRAME_TOO_LARGE", message, { limit, actual: frame.length });
    }
    const accepted = this.#line.push(frame, undefined, undefined);
    return accepted === ACCEPTED ? undefined : accepted;
  }

  flush(): void {
    this.#line.queue.flush();
  }

  ping(): Promise<void> {
    return this.#line.ping();
  }

  receive(receiver: Receiver): void {
    const { inbox } = this.#line;
    if (inbox.hasReceiver) {
      throw new TypeError("Cannot set receiver: the connection has one already");
    }
    inbox.setReceiver(receiver);
  }

  agree(limits: Partial<ConnectionLimits>): void {
    const { maxFrameBytes = this.#limits.maxFrameBytes, versions = this.#limits.versions } = limits;
    this.#limits = { maxFrameBytes, versions };
    this.#line.inbox.agree(this.#limits);
  }

  drain(): Promise<CloseReason> {
    this.#line.drain();
    return this.closed;
  }

  close(error?: AmphisError): Promise<CloseReason> {
    this.#line.end(error === undefined ? { kind: "local" } : { kind: "failed", error });
    return this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }
}

function encode(frame: FrameInit, limits: ConnectionLimits): EncodedFrame {
  const { body, attachments } = frame;
  const plain = attachments === undefined || attachments.length === 0;
  return plain && body.length <= COPIED_BYTES
    ? encodeFrame(frame, limits)
    : frameParts(frame, limits);
}
