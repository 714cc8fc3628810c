import type { RawData, WebSocket } from "ws";

import type { ByteChannel, ByteChannelEvents } from "./byte-channel.ts";
import type { PeerIdentity } from "./transport.ts";
import {
  bytesBehindEnd,
  CLOSE_NORMAL,
  CLOSE_UNSUPPORTED,
  closeFailure,
  connectionClosed,
  END,
  messagesOf,
  PAUSE,
  RESUME,
  unknownText,
} from "./websocket-message.ts";

/** Bytes that may wait in the socket before `write` asks to wait. */
const HIGH_WATER_BYTES = 0x1_0000;
/** A peer that broke the protocol has so long to read why. */
const FAREWELL_MS = 1_000;

/** A WebSocket of `ws` as a way for bytes; made and started in the same turn in which it opened, before it can break. */
export class WebSocketChannel implements ByteChannel {
  readonly peer: PeerIdentity;
  readonly #socket: WebSocket;
  #events: ByteChannelEvents | undefined;
  #failure: Error | undefined;
  #farewell: NodeJS.Timeout | undefined;
  /** Whether `onWritable` is owed. */
  #full = false;
  /** Whether the peer asked for nothing more. */
  #held = false;
  /** Messages that are not on their way yet. */
  #unsent = 0;
  #ended = false;
  #peerEnded = false;
  #destroyed = false;

  constructor(socket: WebSocket, peer: PeerIdentity) {
    this.peer = peer;
    this.#socket = socket;
    socket.pause();
    socket.on("error", (error) => this.#fail(error));
    socket.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on("close", (code) => this.#onClose(code));
  }

  start(events: ByteChannelEvents): void {
    this.#events = events;
    this.#socket.resume();
  }

  write(parts: readonly Uint8Array[]): boolean {
    for (const message of messagesOf(parts)) {
      this.#unsent += 1;
      this.#socket.send(message, { binary: true }, () => this.#onSent());
    }
    this.#full = this.#held || this.#socket.bufferedAmount >= HIGH_WATER_BYTES;
    return !this.#full;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#unsent += 1;
    this.#socket.send(END, { binary: false }, () => this.#onSent());
  }

  /** The peer is told when that needs no waiting; a socket that holds bytes still is cut. */
  destroy(): void {
    this.#destroyed = true;
    if (this.#socket.bufferedAmount === 0) this.#socket.close(CLOSE_NORMAL);
    this.#socket.terminate();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#failure !== undefined) return;
    if (isBinary) {
      if (this.#peerEnded) this.#refuse(bytesBehindEnd(this.peer.address));
      else this.#events?.onBytes(data as Buffer);
      return;
    }
    const text = (data as Buffer).toString();
    if (text === PAUSE) {
      this.#held = true;
    } else if (text === RESUME) {
      this.#held = false;
      this.#tellWritable();
    } else if (text === END) {
      this.#onPeerEnd();
    } else {
      this.#refuse(unknownText(this.peer.address));
    }
  }

  #refuse(error: Error): void {
    this.#socket.close(CLOSE_UNSUPPORTED);
    this.#fail(error);
  }

  #onSent(): void {
    this.#unsent -= 1;
    this.#closeWhenDone();
    this.#tellWritable();
  }

  #onPeerEnd(): void {
    if (this.#peerEnded) return;
    this.#peerEnded = true;
    this.#events?.onEnd();
    this.#closeWhenDone();
  }

  /** Not before all is sent, because `ws` gives up a close that takes long. */
  #closeWhenDone(): void {
    if (this.#ended && this.#peerEnded && this.#unsent === 0) this.#socket.close(CLOSE_NORMAL);
  }

  #tellWritable(): void {
    if (!this.#full || this.#held || this.#socket.bufferedAmount >= HIGH_WATER_BYTES) return;
    this.#full = false;
    this.#events?.onWritable();
  }

  /** `ws` has sent the close code that says why; the peer may read it before the socket goes. */
  #fail(error: Error): void {
    this.#failure ??=
      "code" in error && String(error.code).startsWith("WS_ERR_")
        ? connectionClosed(
            this.peer.address,
            `the peer broke the WebSocket protocol (${error.message})`,
            {
              cause: error,
            },
          )
        : error;
    this.#socket.resume();
    this.#farewell ??= setTimeout(() => this.#socket.terminate(), FAREWELL_MS);
  }

  #onClose(code: number): void {
    clearTimeout(this.#farewell);
    const failure = this.#failure ?? closeFailure(this.peer.address, code);
    if (failure === undefined) this.#onPeerEnd();
    this.#events?.onClose(this.#destroyed ? this.#failure : failure);
  }
}
