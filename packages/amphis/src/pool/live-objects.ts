import type { RemoteObject } from "../worker/index.ts";

/** Entries below which nothing is swept. */
const FEW = 256;

/** Live objects of Python that this program may still use; holds none of them. */
export class LiveObjects {
  readonly #held = new Set<WeakRef<RemoteObject>>();
  #sweepAt = FEW;

  add(remote: RemoteObject): void {
    if (this.#held.size >= this.#sweepAt) {
      this.#sweep();
      this.#sweepAt = Math.max(FEW, this.#held.size * 2);
    }
    this.#held.add(new WeakRef(remote));
  }

  /** Whether there is any that was neither released nor collected. */
  hasAny(): boolean {
    this.#sweep();
    return this.#held.size > 0;
  }

  releaseAll(): void {
    for (const held of this.#held) held.deref()?.release();
    this.#held.clear();
  }

  #sweep(): void {
    for (const held of this.#held) {
      const remote = held.deref();
      if (remote === undefined || remote.isReleased) this.#held.delete(held);
    }
  }
}
