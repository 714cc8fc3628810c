import type { EncodedFrame } from "./encoded-frame.ts";

interface WaitingSend {
  readonly frame: EncodedFrame;
  readonly accept: () => void;
  readonly refuse: (reason: unknown) => void;
}

/** Senders that wait to be accepted, in order; each may give up by its signal. */
export class WaitingSends {
  readonly #sends = new Set<WaitingSend>();

  get size(): number {
    return this.#sends.size;
  }

  /** Resolves when the frame is accepted. */
  add(frame: EncodedFrame, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#sends.delete(send);
        signal?.removeEventListener("abort", abort);
      };
      const send: WaitingSend = {
        frame,
        accept: () => {
          leave();
          resolve();
        },
        refuse: (reason) => {
          leave();
          reject(reason as Error);
        },
      };
      const abort = (): void => send.refuse(signal?.reason);
      signal?.addEventListener("abort", abort);
      this.#sends.add(send);
    });
  }

  /** Takes out who has waited longest, and tells. */
  acceptFirst(): EncodedFrame | undefined {
    const [first] = this.#sends;
    first?.accept();
    return first?.frame;
  }

  refuse(reason: unknown): void {
    for (const send of this.#sends) send.refuse(reason);
  }
}
