import {
  AmphisError,
  encodeFrame,
  type Frame,
  FRAME_KINDS,
  FrameDecoder,
  HEADER_BYTES,
  isAmphisError,
  type Priority,
} from "@amphis/protocol";

import type { SpilledFrame } from "../memory/index.ts";
import type { ByteChannel, ByteChannelEvents } from "./byte-channel.ts";
import { type EncodedFrame, isOnePiece, lengthOf } from "./encoded-frame.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { Heartbeat, type HeartbeatActs } from "./heartbeat.ts";
import { Inbox, type InboxActs } from "./inbox.ts";
import { SendQueue } from "./send-queue.ts";
import type { CloseReason, Connection, ConnectionState } from "./transport.ts";

const OPEN: ConnectionState = { kind: "open" };
const NO_BYTES = new Uint8Array(0);
const MAX_WAITING_ANSWERS = 1_024;

/** Hears of the end of a connection just before its `closed` tells; one function can do so for many connections. */
export type ClosedObserver = (connection: Connection) => void;

export interface LineInit {
  readonly channel: ByteChannel;
  readonly settings: ConnectionSettings;
  /** Whose life it is. */
  readonly connection: Connection;
  readonly onClosed: ClosedObserver | undefined;
}

interface PromiseSettlers {
  resolve(): void;
  reject(error: Error): void;
}

const NOBODY: readonly PromiseSettlers[] = Object.freeze([]);

/**
 * The life of one connection over a channel: what comes in, what goes out, and how it ends.
 *
 * It hears everything itself, as one object: a server has thousands of connections, and functions made for each would be most of their
 * memory.
 */
export class Line implements ByteChannelEvents, InboxActs, HeartbeatActs {
  readonly channel: ByteChannel;
  readonly queue: SendQueue;
  readonly inbox: Inbox;
  readonly heartbeat: Heartbeat;
  readonly #onClosed: ClosedObserver | undefined;
  readonly #connection: Connection;
  #state: ConnectionState = OPEN;
  /** This side ends it; else the peer did. */
  #drains = false;
  /** The peer sends nothing more; its last frames may still wait for the receiver. */
  #endSeen = false;
  /** And the receiver has had them. */
  #peerEnded = false;
  /** About memory, and not accepted by the queue. */
  #waitingAnswers = 0;
  /** Those who asked for a sign of life. */
  #asking: PromiseSettlers[] | undefined;
  /** Nothing of the channel is left. */
  #gone = false;
  /** Made when somebody asks. */
  #closed: Promise<CloseReason> | undefined;
  #resolveClosed: ((reason: CloseReason) => void) | undefined;

  constructor(init: LineInit) {
    const { channel, settings, connection, onClosed } = init;
    this.channel = channel;
    this.#connection = connection;
    this.#onClosed = onClosed;
    this.queue = new SendQueue(channel, settings.highWaterBytes, settings.batch);
    this.inbox = new Inbox(settings.limits, this);
    this.heartbeat = new Heartbeat(settings.heartbeatMs, this);
    channel.memory?.attach({
      send: (body) => this.#sendMemory(body),
      tell: (body) => this.#tellMemory(body),
    });
    channel.start(this);
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Resolves with why it ended when nothing of it is left. */
  get closed(): Promise<CloseReason> {
    if (this.#closed === undefined) {
      const over = this.#gone && this.#state.kind === "closed" ? this.#state.reason : undefined;
      this.#closed =
        over === undefined
          ? new Promise((resolve) => {
              this.#resolveClosed = resolve;
            })
          : Promise.resolve(over);
    }
    return this.#closed;
  }

  /** Sends a frame, or in its place the name of the memory that it was moved to. Resolves when it is accepted. */
  push(
    frame: EncodedFrame,
    priority: Priority | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { memory } = this.channel;
    if (memory !== undefined) {
      const bytes = lengthOf(frame);
      if (bytes >= memory.spillBytes) {
        const spilled = memory.spill(isOnePiece(frame) ? [frame] : frame, bytes);
        if (spilled !== undefined) return this.#pushSpilled(spilled, priority, signal);
      }
    }
    return this.queue.push(frame, signal);
  }

  drain(): void {
    if (this.#state.kind !== "open") return;
    this.#drains = true;
    this.#windUp();
  }

  /** Resolves with the next sign of life; rejects when the connection ends before. */
  ping(): Promise<void> {
    if (this.#state.kind === "closed") return Promise.reject(this.closedError());
    return new Promise((resolve, reject) => {
      (this.#asking ??= []).push({ resolve, reject });
      this.ask();
    });
  }

  /** Decides why the connection ends, once, and lets go of everything. */
  end(reason: CloseReason): void {
    if (this.#state.kind === "closed") return;
    this.#state = { kind: "closed", reason };
    this.heartbeat.stop();
    this.inbox.close();
    this.queue.close(this.closedError());
    for (const { reject } of this.#takeAsking()) reject(this.closedError());
    this.channel.destroy();
    if (this.#gone) this.#tellClosed(reason);
  }

  /** Why nothing can be sent. */
  closedError(): AmphisError {
    const { address } = this.channel.peer;
    const cause =
      this.#state.kind === "closed" && this.#state.reason.kind === "failed"
        ? this.#state.reason.error
        : undefined;
    const reason = cause?.message ?? whyClosed(this.#state);
    const message = `Cannot send frame${at(address)}: ${reason}`;
    return new AmphisError("CONNECTION_CLOSED", message, { address, reason }, { cause });
  }

  onBytes(chunk: Uint8Array): void {
    this.heartbeat.heard();
    this.inbox.bytes(chunk);
    SendQueue.flushDue();
  }

  /** A peer that has ended its side can show in no other way that it lives. */
  onWritable(): void {
    if (this.#peerEnded) this.heartbeat.heard();
    this.queue.writable();
  }

  onEnd(): void {
    this.#endSeen = true;
    this.inbox.end();
  }

  onClose(cause: Error | undefined): void {
    this.#gone = true;
    // The receiver still gets what came before a close in good order.
    if (cause === undefined && this.#endSeen && !this.#peerEnded) {
      if (this.#state.kind !== "closed") return;
    }
    if (this.#state.kind === "closed") this.#tellClosed(this.#state.reason);
    else this.end(this.#reasonOfClose(cause));
  }

  setReading(reading: boolean): void {
    this.heartbeat.setDeaf(!reading);
    if (reading) this.channel.resume();
    else this.channel.pause();
  }

  onOwn(frame: Frame, maxFrameBytes: number): Frame | undefined {
    if (frame.kind === "memory") return this.#takeMemory(frame.body, maxFrameBytes);
    if (frame.kind === "ping") this.queue.signal("pong", sign("pong", frame.body));
    else for (const { resolve } of this.#takeAsking()) resolve();
    return undefined;
  }

  #takeAsking(): readonly PromiseSettlers[] {
    const asking = this.#asking ?? NOBODY;
    this.#asking = undefined;
    return asking;
  }

  onAttachments({ attachments }: Frame): void {
    this.channel.memory?.link.arrived(attachments);
  }

  onFailure(error: unknown): void {
    this.#fail(this.#describe("Cannot go on receiving", error));
  }

  onLastFrame(): void {
    this.#peerEnded = true;
    if (this.#gone) this.onClose(undefined);
    if (this.#state.kind === "open") this.#windUp();
  }

  ask(): void {
    this.queue.signal("ping", sign("ping", NO_BYTES));
  }

  show(): void {
    this.queue.signal("pong", sign("pong", NO_BYTES));
  }

  lost(silentMs: number): void {
    const { address } = this.channel.peer;
    const message = `Cannot reach peer${at(address)}: it was silent for ${silentMs} ms`;
    this.#fail(new AmphisError("PEER_LOST", message, { address, silentMs }));
  }

  #takeMemory(body: Uint8Array, maxFrameBytes: number): Frame | undefined {
    const { memory } = this.channel;
    try {
      if (memory === undefined) throw refused("memory", "no memory is shared with the peer");
      const bytes = memory.receive(body, maxFrameBytes);
      return bytes === undefined ? undefined : wholeFrame(bytes, maxFrameBytes);
    } catch (error) {
      this.onFailure(error);
      return undefined;
    }
  }

  /** A frame that is not sent after all leaves nothing in the memory. */
  async #pushSpilled(
    { body, takeBack }: SpilledFrame,
    priority: Priority | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const maxFrameBytes = HEADER_BYTES + body.length;
    const init = { kind: "memory", body, ...(priority === undefined ? {} : { priority }) } as const;
    try {
      await this.queue.push(encodeFrame(init, { maxFrameBytes }), signal);
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  /** Behind a full queue only so many wait: a peer that asks for memory and does not read the answers is not to fill this side's. */
  #sendMemory(body: Uint8Array): void {
    if (this.#state.kind === "closed") return;
    if (this.#waitingAnswers === MAX_WAITING_ANSWERS) {
      this.onFailure(new Error("it asks for memory and does not read the answers"));
      return;
    }
    this.#waitingAnswers += 1;
    void this.#tellMemory(body).then(() => {
      this.#waitingAnswers -= 1;
    });
  }

  #tellMemory(body: Uint8Array): Promise<void> {
    if (this.#state.kind === "closed") return Promise.resolve();
    const maxFrameBytes = HEADER_BYTES + body.length;
    const frame = encodeFrame({ kind: "memory", body }, { maxFrameBytes });
    // Where the connection ends first, so does all that was to be said of its memory.
    return this.queue.push(frame, undefined).catch(() => undefined);
  }

  /** Sends what was accepted, says that nothing more comes, and waits for the peer to do so too. */
  #windUp(): void {
    this.#state = { kind: "draining" };
    this.queue.finish(this.closedError());
    if (!this.inbox.hasReceiver) this.inbox.discard();
  }

  #tellClosed(reason: CloseReason): void {
    this.#onClosed?.(this.#connection);
    this.#resolveClosed?.(reason);
  }

  #fail(error: AmphisError): void {
    this.end({ kind: "failed", error });
  }

  #reasonOfClose(cause: Error | undefined): CloseReason {
    if (this.#peerEnded && !this.#drains) return { kind: "peer" };
    if (this.#peerEnded && cause === undefined) return { kind: "local" };
    const ended = cause ?? new Error("the peer went away without saying so");
    return { kind: "failed", error: this.#describe("Cannot keep connection", ended) };
  }

  #describe(act: string, error: unknown): AmphisError {
    if (isAmphisError(error)) return error;
    const { address } = this.channel.peer;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${act}${at(address)}: ${reason}`;
    return new AmphisError("CONNECTION_CLOSED", message, { address, reason }, { cause: error });
  }
}

/** The frame that lies in memory, all of it and nothing else. */
function wholeFrame(bytes: Uint8Array, maxFrameBytes: number): Frame {
  // Of any version: what was agreed on is asked of every frame that is handed over.
  const decoder = new FrameDecoder({ maxFrameBytes, versions: [0, 0xff] });
  const [frame, ...others] = decoder.feed(bytes);
  decoder.end();
  if (frame === undefined || others.length > 0) {
    throw refused("memory", "what it names is not one whole frame");
  }
  const { kind } = frame;
  if (kind !== "memory" && kind !== "ping" && kind !== "pong") return frame;
  throw refused(kind, "one of its kind does not lie in memory");
}

function refused(kind: "memory" | "ping" | "pong", why: string): AmphisError<"FRAME_INVALID"> {
  const message = `Cannot take frame: ${why}`;
  return new AmphisError("FRAME_INVALID", message, {
    field: "kind",
    received: FRAME_KINDS[kind],
  });
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
