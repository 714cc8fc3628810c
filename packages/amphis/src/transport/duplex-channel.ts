import type { Readable, Writable } from "node:stream";

import type { ByteChannel, ByteChannelEvents } from "./byte-channel.ts";
import type { PeerIdentity } from "./transport.ts";

/** Where a stream keeps the channel that it belongs to, so that all streams share their listeners. */
const CHANNEL = Symbol("channel");

interface Stream {
  [CHANNEL]?: DuplexChannel;
}

/** A Node stream, or one to read and one to write, as a channel. */
export class DuplexChannel implements ByteChannel {
  readonly peer: PeerIdentity;
  readonly #readable: Readable & Stream;
  readonly #writable: Writable & Stream;
  #events: ByteChannelEvents | undefined;
  #cause: Error | undefined;
  #paused = false;

  /** A socket must allow to be half open. */
  constructor(readable: Readable, writable: Writable, peer: PeerIdentity) {
    this.#readable = readable;
    this.#writable = writable;
    this.peer = peer;
  }

  start(events: ByteChannelEvents): void {
    const readable = this.#readable;
    const writable = this.#writable;
    this.#events = events;
    for (const stream of new Set<(Readable | Writable) & Stream>([readable, writable])) {
      stream[CHANNEL] = this;
      stream.on("error", DuplexChannel.#onError).on("close", DuplexChannel.#onClose);
    }
    readable.on("data", DuplexChannel.#onData).on("end", DuplexChannel.#onEnd);
    writable.on("drain", DuplexChannel.#onDrain);
    // Streams that were closed before, as those of a program that could not be started, say nothing more.
    this.#cause = readable.errored ?? writable.errored ?? undefined;
    if (readable.closed && writable.closed) process.nextTick(() => this.#closed());
  }

  write(parts: readonly Uint8Array[]): boolean {
    const writable = this.#writable;
    if (writable.destroyed) return true;
    if (parts.length === 1) return writable.write(parts[0]);
    let more = true;
    writable.cork();
    for (const part of parts) more = writable.write(part);
    writable.uncork();
    return more;
  }

  pause(): void {
    this.#paused = true;
    this.#readable.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#readable.resume();
  }

  /**
   * A TLS socket that ends loses what it has received and not decrypted yet: what a paused one holds, and the records behind one that is
   * being handled. So it reads on for a turn of the event loop first.
   */
  end(): void {
    if (!("encrypted" in this.#readable)) {
      this.#writable.end();
      return;
    }
    this.#readable.resume();
    setImmediate(() =>
      setImmediate(() => {
        this.#writable.end();
        if (this.#paused) this.#readable.pause();
      }),
    );
  }

  destroy(): void {
    this.#readable.destroy();
    this.#writable.destroy();
  }

  #closed(): void {
    const events = this.#events;
    if (!this.#readable.closed || !this.#writable.closed || events === undefined) return;
    this.#events = undefined;
    this.#readable.off("data", DuplexChannel.#onData).off("end", DuplexChannel.#onEnd);
    this.#writable.off("drain", DuplexChannel.#onDrain);
    // The error listeners stay: a stream may report once more, and that must not end the process.
    events.onClose(this.#cause);
  }

  static #onData(this: Stream, chunk: Uint8Array): void {
    DuplexChannel.#eventsOf(this)?.onBytes(chunk);
  }

  static #onEnd(this: Stream): void {
    DuplexChannel.#eventsOf(this)?.onEnd();
  }

  static #onDrain(this: Stream): void {
    DuplexChannel.#eventsOf(this)?.onWritable();
  }

  static #onError(this: Stream, error: Error): void {
    const channel = this[CHANNEL];
    if (channel === undefined) return;
    channel.#cause ??= error;
    channel.destroy();
  }

  static #onClose(this: Stream): void {
    const channel = this[CHANNEL];
    if (channel !== undefined) channel.#closed();
  }

  static #eventsOf(stream: Stream): ByteChannelEvents | undefined {
    const channel = stream[CHANNEL];
    return channel === undefined ? undefined : channel.#events;
  }
}
