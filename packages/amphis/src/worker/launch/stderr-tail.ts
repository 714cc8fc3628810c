import type { Readable } from "node:stream";

import { readNow } from "./read-now.ts";

const MOST_BYTES = 8_192;

/** The last 8 KiB that a stream brought. Makes it flow, so whoever has to see everything listens at the same time. */
export class StderrTail {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  readonly #stream: Readable;
  readonly ended: Promise<void>;

  constructor(stream: Readable) {
    this.#stream = stream;
    this.ended = new Promise((resolve) => {
      stream.once("end", resolve).once("close", resolve);
    });
    stream.on("error", () => undefined).on("data", (chunk: Uint8Array) => this.#keep(chunk));
  }

  /** Reads what is there without the event loop; whoever listens to the stream hears of it as ever. */
  takeNow(descriptor: number): void {
    if (this.#stream.destroyed || this.#stream.readableEnded) return;
    readNow(descriptor, (bytes) => this.#stream.emit("data", bytes));
  }

  get text(): string {
    const kept = Buffer.concat(this.#chunks);
    const tail = kept.subarray(Math.max(0, kept.length - MOST_BYTES));
    // A character that was cut in two at the front is no character.
    let start = 0;
    while (tail.length < kept.length && start < 3 && isContinuation(tail[start])) start += 1;
    return tail.toString("utf8", start);
  }

  /** Waits until all is read, or so long: a process that has escaped may hold the pipe for ever. */
  async complete(patienceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([this.ended, patience]);
    clearTimeout(timer);
    this.#stream.destroy();
  }

  #keep(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    for (;;) {
      const [first] = this.#chunks;
      if (first === undefined || this.#bytes - first.length < MOST_BYTES) return;
      this.#chunks.shift();
      this.#bytes -= first.length;
    }
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}
