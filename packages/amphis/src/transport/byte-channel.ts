/*
 * What a transport that moves bytes provides, and all it provides: `FramedConnection` makes the rest of the contract of it. No part of this
 * file, of `framed-connection.ts` or of what that imports knows Node, so the same connection works in a browser.
 */

import type { MemoryLink, SpilledFrame } from "../memory/index.ts";
import type { PeerIdentity } from "./transport.ts";

/** A way for bytes to and from one peer. */
export interface ByteChannel {
  readonly peer: PeerIdentity;
  /** Memory shared with the peer, if there is any. */
  readonly memory?: ChannelMemory | undefined;
  /** Whether writing takes no call of the system, so that frames are not gathered into fewer writes. @default false */
  readonly isPrompt?: boolean;
  /** Says who hears of it, once, and starts to read. Nothing is reported before, and nothing from within this call. */
  start(events: ByteChannelEvents): void;
  /**
   * Sends the pieces one after the other. They belong to the channel until they are sent.
   *
   * Never throws; what goes wrong is reported by `onClose`, never from within this call.
   *
   * @returns whether it takes more; if not, `onWritable` says when it does
   */
  write(parts: readonly Uint8Array[]): boolean;
  /** Stops reading; a chunk or two may still come. */
  pause(): void;
  resume(): void;
  /** Sends what was written, then tells the peer that nothing more comes. Reading goes on. */
  end(): void;
  /**
   * Blocks this thread until something comes, and reports it before it returns. Only for channels that can.
   *
   * @returns whether something came in time
   */
  pump?(timeoutMs: number, interrupt?: Int32Array): boolean;
  /** Lets go of everything now; `onClose` follows. May be called in any state, and more than once. */
  destroy(): void;
}

/** What `memory` frames are for: they go here, and never to a receiver. */
export interface ChannelMemory {
  readonly link: MemoryLink;
  /** Says how its own frames are sent, once, before anything comes. */
  attach(line: MemoryLine): void;
  /** Frames of so many bytes and more are offered to `spill`. */
  readonly spillBytes: number;
  /** Moves a large frame into the memory; undefined where it is to be sent as it is. */
  spill(parts: readonly Uint8Array[], byteLength: number): SpilledFrame | undefined;
  /** @returns bytes of a frame to be read in its place, if it says so @throws for what the peer may not say; it ends the connection */
  receive(body: Uint8Array, maxFrameBytes: number): Uint8Array | undefined;
}

/** Sends bodies of `memory` frames. */
export interface MemoryLine {
  /** An answer. A peer that asks and does not read ends the connection. */
  send(body: Uint8Array): void;
  /** What nobody asked for: it waits while the peer does not read. Resolves when it was accepted, or never will be. */
  tell(body: Uint8Array): Promise<void>;
}

/** How a channel reports. */
export interface ByteChannelEvents {
  /** Bytes came. The chunk belongs to the listener. */
  onBytes(chunk: Uint8Array): void;
  /** What was written is on its way; after a `write` that returned false. */
  onWritable(): void;
  /** The peer said in good order that it sends nothing more. Writing may still work. */
  onEnd(): void;
  /** Nothing of the channel is left. Last, and once, whatever happened; with what broke it, if something did. */
  onClose(cause?: Error): void;
}
