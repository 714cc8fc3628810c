import {
  AmphisError,
  encodeFrame,
  type Frame,
  type FrameInit,
  frameParts,
  HEADER_BYTES,
  isAmphisError,
  PROTOCOL_VERSION,
} from "@amphis/protocol";

import type { ByteChannel } from "./byte-channel.ts";
import { connectionSettings } from "./connection-settings.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Inbox } from "./inbox.ts";
import { SendQueue } from "./send-queue.ts";
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

const NO_BYTES = new Uint8Array(0);
/** Larger bodies are not copied. */
const COPIED_BYTES = 0x1000;

/** A connection over anything that moves bytes. Free of Node, so that it works in browsers too. */
export class FramedConnection implements Connection {
  readonly closed: Promise<CloseReason>;
  readonly #channel: ByteChannel;
  readonly #queue: SendQueue;
  readonly #inbox: Inbox;
  readonly #heartbeat: Heartbeat;
  readonly #resolveClosed: (reason: CloseReason) => void;
  #state: ConnectionState = { kind: "open" };
  #limits: ConnectionLimits;
  /** This side ends it; else the peer did. */
  #drains = false;
  /** The peer sends nothing more; its last frames may still wait for the receiver. */
  #endSeen = false;
  /** And the receiver has had them. */
  #peerEnded = false;
  /** Nothing of the channel is left. */
  #gone = false;

  constructor(channel: ByteChannel, options: ConnectionOptions = {}) {
    const { maxFrameBytes, highWaterBytes, heartbeatMs } = connectionSettings(options);
    this.#channel = channel;
    this.#limits = { maxFrameBytes, versions: [PROTOCOL_VERSION, PROTOCOL_VERSION] };
    let resolveClosed: (reason: CloseReason) => void = () => undefined;
    this.closed = new Promise((resolve) => {
      resolveClosed = resolve;
    });
    this.#resolveClosed = resolveClosed;
    this.#queue = new SendQueue(channel, highWaterBytes);
    this.#inbox = new Inbox(this.#limits, {
      setReading: (reading) => this.#setReading(reading),
      onSign: (frame) => this.#onSign(frame),
      onFailure: (error) => this.#fail(this.#describe("Cannot go on receiving", error)),
      onEnd: () => this.#onEnd(),
    });
    this.#heartbeat = new Heartbeat(heartbeatMs, {
      ask: () => this.#queue.signal("ping", sign("ping", NO_BYTES)),
      show: () => this.#queue.signal("pong", sign("pong", NO_BYTES)),
      lost: (silentMs) => this.#onLost(silentMs),
    });
    channel.start({
      onBytes: (chunk) => {
        this.#heartbeat.heard();
        this.#inbox.bytes(chunk);
      },
      onWritable: () => {
        if (this.#peerEnded) this.#heartbeat.heard();
        this.#queue.writable();
      },
      onEnd: () => {
        this.#endSeen = true;
        this.#inbox.end();
      },
      onClose: (cause) => this.#onClose(cause),
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get peer(): PeerIdentity {
    return this.#channel.peer;
  }

  get limits(): ConnectionLimits {
    return this.#limits;
  }

  /** Body and attachments belong to the connection until the peer has them: do not write to them. */
  send(frame: FrameInit, options?: SendOptions): Promise<void> {
    try {
      options?.signal?.throwIfAborted();
      if (this.#state.kind !== "open") throw this.#closedError();
      return this.#queue.push(encode(frame, this.#limits), options?.signal);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  receive(receiver: Receiver): void {
    if (this.#inbox.hasReceiver) {
      throw new TypeError("Cannot set receiver: the connection has one already");
    }
    this.#inbox.setReceiver(receiver);
  }

  agree(limits: Partial<ConnectionLimits>): void {
    const { maxFrameBytes = this.#limits.maxFrameBytes, versions = this.#limits.versions } = limits;
    this.#limits = { maxFrameBytes, versions };
    this.#inbox.agree(this.#limits);
  }

  drain(): Promise<CloseReason> {
    if (this.#state.kind === "open") {
      this.#drains = true;
      this.#windUp();
    }
    return this.closed;
  }

  close(error?: AmphisError): Promise<CloseReason> {
    this.#finish(error === undefined ? { kind: "local" } : { kind: "failed", error });
    return this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
  }

  /** Sends what was accepted, says that nothing more comes, and waits for the peer to do so too. */
  #windUp(): void {
    this.#state = { kind: "draining" };
    this.#queue.finish(this.#closedError(), () => this.#channel.end());
    if (!this.#inbox.hasReceiver) this.#inbox.discard();
  }

  #setReading(reading: boolean): void {
    this.#heartbeat.setDeaf(!reading);
    if (reading) this.#channel.resume();
    else this.#channel.pause();
  }

  #onSign(frame: Frame): void {
    if (frame.kind === "ping") this.#queue.signal("pong", sign("pong", frame.body));
  }

  #onEnd(): void {
    this.#peerEnded = true;
    if (this.#gone) this.#onClose(undefined);
    if (this.#state.kind === "open") this.#windUp();
  }

  #onLost(silentMs: number): void {
    const { address } = this.peer;
    const message = `Cannot reach peer${at(address)}: it was silent for ${silentMs} ms`;
    this.#fail(new AmphisError("PEER_LOST", message, { address, silentMs }));
  }

  #fail(error: AmphisError): void {
    this.#finish({ kind: "failed", error });
  }

  /** Decides why the connection ends, once, and lets go of everything. */
  #finish(reason: CloseReason): void {
    if (this.#state.kind === "closed") return;
    this.#state = { kind: "closed", reason };
    this.#heartbeat.stop();
    this.#inbox.close();
    this.#queue.close(this.#closedError());
    this.#channel.destroy();
    if (this.#gone) this.#resolveClosed(reason);
  }

  #onClose(cause: Error | undefined): void {
    this.#gone = true;
    // The receiver still gets what came before a close in good order.
    if (cause === undefined && this.#endSeen && !this.#peerEnded) {
      if (this.#state.kind !== "closed") return;
    }
    if (this.#state.kind !== "closed") this.#finish(this.#reasonOfClose(cause));
    if (this.#state.kind === "closed") this.#resolveClosed(this.#state.reason);
  }

  #reasonOfClose(cause: Error | undefined): CloseReason {
    if (this.#peerEnded && !this.#drains) return { kind: "peer" };
    if (this.#peerEnded && cause === undefined) return { kind: "local" };
    const ended = cause ?? new Error("the peer went away without saying so");
    return { kind: "failed", error: this.#describe("Cannot keep connection", ended) };
  }

  #describe(act: string, error: unknown): AmphisError {
    if (isAmphisError(error)) return error;
    const { address } = this.peer;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${act}${at(address)}: ${reason}`;
    return new AmphisError("CONNECTION_CLOSED", message, { address, reason }, { cause: error });
  }

  #closedError(): AmphisError {
    const { address } = this.peer;
    const cause =
      this.#state.kind === "closed" && this.#state.reason.kind === "failed"
        ? this.#state.reason.error
        : undefined;
    const reason = cause?.message ?? whyClosed(this.#state);
    const message = `Cannot send frame${at(address)}: ${reason}`;
    return new AmphisError("CONNECTION_CLOSED", message, { address, reason }, { cause });
  }
}

function whyClosed(state: ConnectionState): string {
  if (state.kind !== "closed") return "the connection is draining";
  return `the connection was closed by ${state.reason.kind === "peer" ? "the peer" : "this side"}`;
}

function at(address: string): string {
  return address === "" ? "" : ` (${address})`;
}

function sign(kind: "ping" | "pong", body: Uint8Array): Uint8Array {
  return encodeFrame({ kind, body }, { maxFrameBytes: HEADER_BYTES + body.length });
}

function encode(frame: FrameInit, limits: ConnectionLimits): readonly Uint8Array[] {
  const small = frame.attachments === undefined && frame.body.length <= COPIED_BYTES;
  return small ? [encodeFrame(frame, limits)] : frameParts(frame, limits);
}
