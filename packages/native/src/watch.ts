import type { Binding } from "./binding.ts";
import { guard } from "./failure.ts";

/**
 * Calls a function on the event loop whenever a descriptor is readable. Keeps the process alive until it is closed,
 * unless {@link unref} was called. The descriptor stays the caller's: close the watch first.
 */
export class Watch implements Disposable {
  readonly #binding: Binding;
  readonly #handle: number;
  #closed = false;

  constructor(binding: Binding, descriptor: number, silences: boolean, listener: () => void) {
    this.#binding = binding;
    this.#handle = guard("watch descriptor", () =>
      binding.watchOpen(descriptor, silences, listener),
    );
  }

  ref(): this {
    guard("ref watch", () => this.#binding.watchKeepAlive(this.#handle, true));
    return this;
  }

  unref(): this {
    guard("unref watch", () => this.#binding.watchKeepAlive(this.#handle, false));
    return this;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#binding.watchClose(this.#handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Wakes this process's event loop from any process that has its descriptor. Rings that come together are heard once, so
 * the listener takes everything that is there.
 */
export class Doorbell implements Disposable {
  readonly #binding: Binding;
  readonly #watch: Watch;
  /** For the peer. Valid until the doorbell is closed, which closes it. */
  readonly descriptor: number;
  #closed = false;

  constructor(binding: Binding, listener: () => void) {
    this.#binding = binding;
    this.descriptor = guard("create doorbell", () => binding.doorbellCreate());
    try {
      this.#watch = new Watch(binding, this.descriptor, true, listener);
    } catch (error) {
      binding.descriptorClose(this.descriptor);
      throw error;
    }
  }

  ref(): this {
    this.#watch.ref();
    return this;
  }

  unref(): this {
    this.#watch.unref();
    return this;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    this.#binding.descriptorClose(this.descriptor);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
