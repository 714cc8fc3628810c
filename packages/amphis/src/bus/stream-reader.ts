import { AmphisError, SequenceCheck, type Value } from "@amphis/protocol";

interface Waiter {
  readonly resolve: (result: IteratorResult<Value>) => void;
  readonly reject: (error: unknown) => void;
}

/** How a reader speaks to whoever writes. */
export interface ReaderActs {
  /** Lets so many more items come. */
  give(count: number): void;
  /** Nobody reads any more. */
  stop(): void;
}

/**
 * Items that come from the other side of a call, to be read one by one.
 *
 * Never holds more than `window` items: the other side gets credit for as many as were read. Gives the first credit when it is first read,
 * unless it was given before.
 */
export class StreamReader implements AsyncIterableIterator<Value> {
  readonly #window: number;
  readonly #acts: ReaderActs;
  readonly #check = new SequenceCheck();
  #items: Value[] = [];
  #next = 0;
  readonly #waiters: Waiter[] = [];
  /** Items that may still come. */
  #credit: number;
  /** Items read since credit was given. */
  #read = 0;
  #over = false;
  #error: { readonly reason: unknown } | undefined;

  constructor(window: number, given: number, acts: ReaderActs) {
    this.#window = window;
    this.#credit = given;
    this.#acts = acts;
  }

  /** An item came. @throws {AmphisError} SEQUENCE_BROKEN, STREAM_OVERRUN */
  item(sequence: number, value: Value): void {
    if (this.#over) return;
    this.#check.item(sequence);
    if (this.#credit === 0) {
      throw new AmphisError(
        "STREAM_OVERRUN",
        `Cannot take stream item ${sequence}: it came without credit`,
        { credit: this.#window },
      );
    }
    this.#credit -= 1;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#items.push(value);
    else {
      waiter.resolve({ value, done: false });
      this.#count();
    }
  }

  /** No more items come. @throws {AmphisError} SEQUENCE_BROKEN when some are missing */
  end(sequence: number): void {
    if (this.#over) return;
    this.#check.end(sequence);
    this.#finish();
  }

  /** The stream broke off: what came before is still read, then this is thrown. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#error = { reason: error };
    this.#over = true;
    this.#waiters.shift()?.reject(this.#takeError());
    this.#releaseWaiters();
  }

  next(): Promise<IteratorResult<Value>> {
    if (this.#next < this.#items.length) {
      const value = this.#items[this.#next] as Value;
      this.#next += 1;
      if (this.#next === this.#items.length) {
        this.#items = [];
        this.#next = 0;
      }
      this.#count();
      return Promise.resolve({ value, done: false });
    }
    if (this.#over) {
      return this.#error === undefined
        ? Promise.resolve({ value: undefined, done: true })
        : Promise.reject(this.#takeError() as Error);
    }
    if (this.#credit === 0) this.#give(this.#window);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  return(): Promise<IteratorResult<Value>> {
    this.#items = [];
    this.#next = 0;
    if (!this.#over) {
      this.#finish();
      this.#acts.stop();
    }
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(): void {
    this.#over = true;
    this.#releaseWaiters();
  }

  #releaseWaiters(): void {
    for (const { resolve } of this.#waiters.splice(0)) resolve({ value: undefined, done: true });
  }

  /** An error is thrown once; then the stream is over. */
  #takeError(): unknown {
    const error = this.#error;
    this.#error = undefined;
    return error?.reason;
  }

  #count(): void {
    this.#read += 1;
    if (this.#over || this.#read * 2 < this.#window) return;
    const count = this.#read;
    this.#read = 0;
    this.#give(count);
  }

  #give(count: number): void {
    this.#credit += count;
    this.#acts.give(count);
  }
}

/** The stream of a caller that streams nothing. */
export const NO_INPUT: AsyncIterable<Value> = {
  async *[Symbol.asyncIterator]() {
    // It ends at once.
  },
};
