import type { Value } from "@amphis/protocol";

import { type CallEnd, CallPart } from "./call-part.ts";

type Source = AsyncIterator<Value> | Iterator<Value>;

/** Whether an answer is a stream: an async iterable, or a generator that was started. */
export function isStream(value: unknown): value is AsyncIterable<Value> | Iterator<Value> {
  if (typeof value !== "object" || value === null) return false;
  return Symbol.asyncIterator in value || ("next" in value && typeof value.next === "function");
}

/** Sends the items of an iterable to the other side of a call, as far as it gives credit. */
export class StreamWriter {
  readonly #source: Source;
  readonly #reader: CallEnd;
  #credit: number;
  #sequence = 0;
  #stopped = false;
  #wake: (() => void) | undefined;

  constructor(
    source: AsyncIterable<Value> | Iterable<Value> | Iterator<Value>,
    credit: number,
    reader: CallEnd,
  ) {
    this.#source = iteratorOf(source);
    this.#credit = credit;
    this.#reader = reader;
  }

  /** More items may go. */
  grant(count: number): void {
    this.#credit += count;
    this.#resume();
  }

  /** Nobody reads any more: lets the source clean up. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#resume();
    void this.#letGo();
  }

  /** Resolves when everything is sent or it was stopped. Rejects with what the source threw. */
  async run(): Promise<void> {
    try {
      for (;;) {
        if (this.#credit === 0) await this.#moreCredit();
        if (this.#stopped) return;
        const next = await this.#source.next();
        if (this.#isStopped()) return;
        if (next.done === true) {
          this.#reader.take(CallPart.of("end", this.#sequence));
          return;
        }
        this.#credit -= 1;
        this.#reader.take(CallPart.of("item", { sequence: this.#sequence, value: next.value }));
        this.#sequence += 1;
      }
    } catch (error) {
      if (this.#isStopped()) return;
      // An item that cannot be sent breaks the stream off, and its source hears so.
      void this.#letGo();
      throw error;
    } finally {
      this.#stopped = true;
    }
  }

  /** Lets the source clean up. One that waits for something hears of it when that settles; what it then throws concerns nobody. */
  async #letGo(): Promise<void> {
    try {
      await this.#source.return?.();
    } catch {
      // Its reader is gone.
    }
  }

  #isStopped(): boolean {
    return this.#stopped;
  }

  #moreCredit(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#stopped) this.#resume();
    });
  }

  #resume(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

function iteratorOf(source: AsyncIterable<Value> | Iterable<Value> | Iterator<Value>): Source {
  if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  return Symbol.iterator in source ? source[Symbol.iterator]() : source;
}
