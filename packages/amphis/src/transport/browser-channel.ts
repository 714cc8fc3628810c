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

/** What is read of the events of a WebSocket. */
export interface StandardWebSocketEvent {
  readonly type: string;
  readonly data?: unknown;
  readonly code?: number;
  readonly message?: string;
}

type Listen = (
  type: "open" | "message" | "error" | "close",
  listener: (event: StandardWebSocketEvent) => void,
) => void;

/** The part of the standard WebSocket that is used: a browser, Deno, Bun, Node 22 and `ws` have it. */
export interface StandardWebSocket {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly addEventListener: Listen;
  readonly removeEventListener: Listen;
  send(data: Uint8Array<ArrayBuffer> | string): void;
  close(code?: number): void;
}

/** Bytes that may wait in the socket before `write` asks to wait. */
const HIGH_WATER_BYTES = 0x4_0000;
/** No event tells that bytes left, so it is looked at so often while some wait. */
const LOOK_MS = 4;
/** What may still come from a peer that was asked to pause: what was on its way, and a little more. */
const MAX_HELD_BYTES = 0x400_0000;

/** An open standard WebSocket as a way for bytes. It cannot stop reading, so it asks the peer to stop sending. */
export class BrowserChannel implements ByteChannel {
  readonly peer: PeerIdentity;
  readonly #socket: StandardWebSocket;
  #events: ByteChannelEvents | undefined;
  /** Messages that came while paused. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #paused = true;
  #peerPaused = false;
  #ended = false;
  #peerEnd: "open" | "said" | "told" = "open";
  /** Whether `onWritable` is owed. */
  #owed = false;
  #look: ReturnType<typeof setTimeout> | undefined;
  #closed: { readonly cause: Error | undefined } | undefined;
  readonly #onSocketClose = ({ code = 1006 }: StandardWebSocketEvent): void =>
    this.#onClose(closeFailure(this.peer.address, code));
  readonly #onMessage = ({ data }: StandardWebSocketEvent): void => {
    if (data === PAUSE || data === RESUME) {
      this.#peerPaused = data === PAUSE;
      this.#watch();
    } else if (data === END) {
      if (this.#peerEnd === "open") this.#peerEnd = "said";
      this.#deliver();
    } else if (!(data instanceof ArrayBuffer)) {
      this.#leave(CLOSE_UNSUPPORTED, unknownText(this.peer.address));
    } else if (this.#peerEnd !== "open") {
      this.#leave(CLOSE_UNSUPPORTED, bytesBehindEnd(this.peer.address));
    } else if (this.#paused || this.#held.length > 0) {
      this.#hold(new Uint8Array(data));
    } else {
      this.#events?.onBytes(new Uint8Array(data));
    }
  };

  constructor(socket: StandardWebSocket, peer: PeerIdentity) {
    this.peer = peer;
    this.#socket = socket;
    socket.addEventListener("message", this.#onMessage);
    socket.addEventListener("close", this.#onSocketClose);
  }

  start(events: ByteChannelEvents): void {
    this.#events = events;
    this.#paused = false;
    queueMicrotask(() => this.#deliver());
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (this.#closed !== undefined) return true;
    for (const message of messagesOf(parts)) this.#socket.send(unshared(message));
    if (!this.#peerPaused && this.#socket.bufferedAmount < HIGH_WATER_BYTES) return true;
    this.#owed = true;
    this.#watch();
    return false;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#ask(PAUSE);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#ask(RESUME);
    queueMicrotask(() => this.#deliver());
  }

  end(): void {
    if (this.#ended || this.#closed !== undefined) return;
    this.#socket.send(END);
    this.#ended = true;
    this.#closeWhenDone();
  }

  /** A browser cannot cut a socket: it is asked to close, and forgotten. */
  destroy(): void {
    this.#leave(CLOSE_NORMAL, undefined);
  }

  #ask(what: string): void {
    if (this.#closed === undefined) this.#socket.send(what);
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes <= MAX_HELD_BYTES) return;
    const reason = "the peer sent on although it was asked to pause";
    this.#leave(CLOSE_NORMAL, connectionClosed(this.peer.address, reason));
  }

  /** What was held comes before what comes, and before the end. */
  #deliver(): void {
    while (!this.#paused) {
      const bytes = this.#held.shift();
      if (bytes === undefined) break;
      this.#heldBytes -= bytes.length;
      this.#events?.onBytes(bytes);
    }
    if (this.#paused || this.#held.length > 0) return;
    if (this.#peerEnd === "said") {
      this.#peerEnd = "told";
      this.#events?.onEnd();
      this.#closeWhenDone();
    }
    if (this.#closed !== undefined) this.#tellClosed();
  }

  /** The socket itself sends what waits in it before it closes. */
  #closeWhenDone(): void {
    if (this.#ended && this.#peerEnd === "told" && this.#closed === undefined) {
      this.#socket.close(CLOSE_NORMAL);
    }
  }

  #watch(): void {
    if (!this.#owed || this.#peerPaused || this.#closed !== undefined) return;
    this.#look ??= setTimeout(() => {
      this.#look = undefined;
      if (this.#peerPaused || this.#socket.bufferedAmount >= HIGH_WATER_BYTES) {
        this.#watch();
      } else {
        this.#owed = false;
        this.#events?.onWritable();
      }
    }, LOOK_MS);
  }

  /** Nothing that was held is delivered any more. */
  #leave(code: number, cause: Error | undefined): void {
    if (this.#closed === undefined) this.#socket.close(code);
    this.#held = [];
    this.#paused = false;
    this.#peerEnd = "told";
    queueMicrotask(() => this.#onClose(cause));
  }

  /** Bad news does not wait until this side reads again. */
  #onClose(cause: Error | undefined): void {
    this.#socket.removeEventListener("message", this.#onMessage);
    this.#socket.removeEventListener("close", this.#onSocketClose);
    clearTimeout(this.#look);
    this.#closed ??= { cause };
    if (cause !== undefined) {
      this.#held = [];
      this.#paused = false;
    }
    if (cause === undefined && this.#peerEnd === "open") this.#peerEnd = "said";
    this.#deliver();
  }

  #tellClosed(): void {
    const events = this.#events;
    this.#events = undefined;
    events?.onClose(this.#closed?.cause);
  }
}

/** A browser takes no shared memory. */
function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer
    ? (bytes as Uint8Array<ArrayBuffer>)
    : new Uint8Array(bytes);
}
