import type { NativeCore, ReceivedDescriptors, Watch } from "@amphis/native";
import { isAmphisError } from "@amphis/protocol";

const ENDED: ReceivedDescriptors = { byteLength: 0, descriptors: [] };

/**
 * A connected Unix socket past Node, which drops descriptors that come with bytes.
 *
 * It has a descriptor of its own, so the socket of Node that it was taken from may be closed or used further.
 */
export class RawSocket implements Disposable {
  readonly descriptor: number;
  readonly #core: NativeCore;
  #watch: Watch | undefined;
  #isClosed = false;

  constructor(core: NativeCore, descriptor: number) {
    this.#core = core;
    this.descriptor = core.duplicate(descriptor);
  }

  /** Takes what is there, at most as much as fits; undefined: nothing is. No bytes: the peer has ended. */
  take(target: Uint8Array, maxDescriptors: number): ReceivedDescriptors | undefined {
    try {
      return this.#core.receiveDescriptors(this.descriptor, target, maxDescriptors);
    } catch (error) {
      // A peer that ended before it had read everything. That is its end as any other, and rings may hold more of it.
      if (isAmphisError(error, "NATIVE_CALL_FAILED") && error.context.errno === "ECONNRESET") {
        return ENDED;
      }
      throw error;
    }
  }

  /** Takes so many bytes and no more, and what descriptors come with them. @throws when the peer ends before */
  async read(length: number, maxDescriptors: number, signal: AbortSignal): Promise<Incoming> {
    const incoming = new Incoming(this.#core, new Uint8Array(length));
    try {
      for (let at = 0; at < length;) {
        signal.throwIfAborted();
        const taken = this.take(incoming.bytes.subarray(at), maxDescriptors);
        if (taken === undefined) {
          await this.#readable(signal);
          continue;
        }
        incoming.descriptors.push(...taken.descriptors);
        if (taken.byteLength === 0) throw new Error("the peer closed the connection");
        at += taken.byteLength;
      }
      return incoming;
    } catch (error) {
      incoming[Symbol.dispose]();
      throw error;
    }
  }

  /** Sends few bytes, which a socket has room for unless its peer does not read. @throws when there is none, or the peer is gone */
  write(bytes: Uint8Array, descriptors: readonly number[] = []): void {
    const sent = this.#core.sendDescriptors(this.descriptor, bytes, descriptors);
    if (sent !== bytes.length) throw new Error("the peer does not read its socket");
  }

  /** Calls the listener whenever there is something to take, the end included. */
  watch(listener: () => void): void {
    this.#watch?.close();
    this.#watch = this.#core.watch(this.descriptor, listener);
  }

  /** Stops watching; the process may end meanwhile. */
  unwatch(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  /** For descriptors that came and are not wanted. */
  closeAll(descriptors: readonly number[]): void {
    for (const descriptor of descriptors) this.#core.closeDescriptor(descriptor);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.unwatch();
    this.#core.closeDescriptor(this.descriptor);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #readable(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener("abort", abort);
        this.unwatch();
      };
      const abort = (): void => {
        leave();
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", abort);
      this.watch(() => {
        leave();
        resolve();
      });
    });
  }
}

/** What came in one piece. Descriptors that nobody takes out of the list are closed with it. */
export class Incoming implements Disposable {
  readonly bytes: Uint8Array;
  readonly descriptors: number[] = [];
  readonly #core: NativeCore;

  constructor(core: NativeCore, bytes: Uint8Array) {
    this.#core = core;
    this.bytes = bytes;
  }

  [Symbol.dispose](): void {
    for (const descriptor of this.descriptors.splice(0)) this.#core.closeDescriptor(descriptor);
  }
}
