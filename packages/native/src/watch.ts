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

/** Two descriptors, yours to close. */
export interface DoorbellPair {
  /** For who sleeps: the doorbell of `watchRing`. */
  readonly hears: number;
  /** For who wakes it: the doorbell of `RingPlace`. */
  readonly rings: number;
}

export function createPair(binding: Binding): DoorbellPair {
  const pair = new Int32Array(2);
  guard("create doorbell", () => binding.doorbellCreate(pair));
  const [hears = -1, rings = -1] = pair;
  return { hears, rings };
}

/**
 * Wakes this process's event loop from any process that has its descriptor. Rings that come together are heard once, so
 * the listener takes everything that is there.
 */
export class Doorbell implements Disposable {
  readonly #binding: Binding;
  readonly #watch: Watch;
  readonly #hears: number;
  /** For the peer, which rings with it. Valid until the doorbell is closed, which closes it. */
  readonly descriptor: number;
  #closed = false;

  constructor(binding: Binding, listener: () => void) {
    this.#binding = binding;
    const { hears, rings } = createPair(binding);
    this.#hears = hears;
    this.descriptor = rings;
    try {
      this.#watch = new Watch(binding, hears, true, listener);
    } catch (error) {
      for (const end of [hears, rings]) binding.descriptorClose(end);
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
    for (const end of [this.#hears, this.descriptor]) this.#binding.descriptorClose(end);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
