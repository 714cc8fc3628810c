import type { Readable, Writable } from "node:stream";

import type { ByteChannel, ByteChannelEvents } from "./byte-channel.ts";
import type { PeerIdentity } from "./transport.ts";

/** A Node stream, or one to read and one to write, as a channel. */
export class DuplexChannel implements ByteChannel {
  readonly peer: PeerIdentity;
  readonly #readable: Readable;
  readonly #writable: Writable;
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
    const streams = new Set<Readable | Writable>([readable, writable]);
    let cause: Error | undefined;
    const onData = (chunk: Uint8Array): void => events.onBytes(chunk);
    const onEnd = (): void => events.onEnd();
    const onDrain = (): void => events.onWritable();
    const onError = (error: Error): void => {
      cause ??= error;
      this.destroy();
    };
    let closed = false;
    const onClose = (): void => {
      for (const stream of streams) if (!stream.closed) return;
      if (closed) return;
      closed = true;
      readable.off("data", onData).off("end", onEnd);
      writable.off("drain", onDrain);
      // The error listeners stay: a stream may report once more, and that must not end the process.
      for (const stream of streams) stream.off("close", onClose);
      events.onClose(cause);
    };
    for (const stream of streams) stream.on("error", onError).on("close", onClose);
    readable.on("data", onData).on("end", onEnd);
    writable.on("drain", onDrain);
    // Streams that were closed before, as those of a program that could not be started, say nothing more.
    for (const stream of streams) cause ??= stream.errored ?? undefined;
    process.nextTick(onClose);
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
   * A TLS socket that ends loses what it has received and not decrypted yet, which is what a paused one holds. So it reads on for a turn
   * of the event loop first.
   */
  end(): void {
    if (!this.#paused || !("encrypted" in this.#readable)) {
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
}
