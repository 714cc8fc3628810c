import {
  type Binding,
  WATCH_EXPECTING,
  WATCH_LOOKING,
  WATCH_PAUSED,
  WATCH_WANTS_ROOM,
  WATCH_WORDS,
} from "./binding.ts";
import { guard } from "./failure.ts";
import type { RingConsumer, RingProducer } from "./ring.ts";
import { spinNs } from "./ring-wait.ts";

export interface RingWatchOptions {
  /** One watch each. Stays yours, also for blocking waits, and works on in the watch when you close it. */
  readonly consumer: RingConsumer;
  /** Other way to the same peer, for {@link RingWatch.armRoom}. @default none */
  readonly producer?: RingProducer | undefined;
  /** Descriptor of the own doorbell, which the peer rings. It stays yours: close the watch first. */
  readonly doorbell: number;
  /** Upper bound of looking before the event loop sleeps, while {@link RingWatch.expecting}. @default 0 */
  readonly spinMs?: number | undefined;
}

/**
 * Calls a function on the event loop when there is something in a ring.
 *
 * The function takes everything that is there, or pauses: it is called again for what it leaves. It may be called for
 * nothing. A ring that breaks its rules is one more call, and the read in it throws; close the watch then. Keeps the
 * process alive until it is closed, unless {@link unref} was called.
 */
export class RingWatch implements Disposable {
  readonly #binding: Binding;
  readonly #handle: number;
  readonly #producer: RingProducer | undefined;
  /** Shared with native code, which reads it before the event loop sleeps. */
  readonly #words = new Int32Array(new ArrayBuffer(4 * WATCH_WORDS));
  #closed = false;

  constructor(binding: Binding, options: RingWatchOptions, listener: () => void) {
    const { consumer, producer, doorbell } = options;
    const spin = spinNs(options);
    this.#binding = binding;
    this.#producer = producer;
    this.#handle = guard("watch ring", () =>
      binding.ringWatchOpen(consumer.handle, doorbell, spin, this.#words, listener),
    );
  }

  /**
   * Whether an answer is due. While it is, the ring is looked at for up to `spinMs` before the event loop sleeps, so that
   * a quick answer costs no system call; otherwise the loop sleeps at once. Costs a few nanoseconds to change.
   */
  get expecting(): boolean {
    return this.#words[WATCH_EXPECTING] !== 0;
  }

  set expecting(expects: boolean) {
    this.#words[WATCH_EXPECTING] = expects ? 1 : 0;
    if (expects) this.#look();
  }

  /** Leaves records alone: nobody is called for them, and the peer is not asked to ring. */
  pause(): void {
    this.#words[WATCH_PAUSED] = 1;
  }

  /** Calls for what came meanwhile, on the event loop. */
  resume(): void {
    this.#words[WATCH_PAUSED] = 0;
    this.#look();
  }

  /**
   * Asks to be called once when a record of `byteLength` may fit into the producer's ring, paused or not; true: it fits
   * already, and nothing was asked. A blocking `wait` of the producer takes the request back.
   *
   * @throws RING_CORRUPT, RING_RECORD_TOO_LARGE
   */
  armRoom(byteLength: number): boolean {
    if (this.#producer === undefined) {
      throw new TypeError("Cannot arm for room: the watch was opened without a producer");
    }
    this.#words[WATCH_WANTS_ROOM] = 1;
    const fits = this.#producer.arm(byteLength);
    if (fits) this.#words[WATCH_WANTS_ROOM] = 0;
    return fits;
  }

  ref(): this {
    guard("ref watch", () => this.#binding.ringWatchKeepAlive(this.#handle, true));
    return this;
  }

  unref(): this {
    guard("unref watch", () => this.#binding.ringWatchKeepAlive(this.#handle, false));
    return this;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#binding.ringWatchClose(this.#handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #look(): void {
    if (this.#closed || this.#words[WATCH_LOOKING] !== 0) return;
    this.#binding.ringWatchLook(this.#handle);
  }
}
