import { rejection } from "../worker/index.ts";
import type { Clock } from "./clock.ts";
import { withoutSite } from "./late-error.ts";
import type { PoolCall, StreamSink } from "./pool-call.ts";
import { within } from "./within.ts";

/** Items that Python may make before they are read. */
const WINDOW = 16;

/** A reader that leaves waits so long until the generator is closed; one that is deep in C takes longer. */
const CLOSE_MS = 250;

/** What a stream asks of its pool. */
export interface StreamHost {
  readonly settings: { readonly clock: Clock };
  /** Lets Python make so many more. */
  grant(call: PoolCall, count: number): void;
  /** Python may make none for now, so its worker has time for others. */
  rest(call: PoolCall): void;
  /** The reader waits for what Python has not made. */
  starve(call: PoolCall): void;
  /** The reader wants no more. */
  leave(call: PoolCall): void;
}

/** Settles what a reader waits for. */
type Reader = (result: IteratorResult<unknown> | Promise<IteratorResult<unknown>>) => void;

/**
 * The items of one stream, for one reader, who asks for one at a time.
 *
 * Python makes a few items ahead of the reader and then waits, so memory stays bounded. Leaving early ends the generator in Python, and
 * waits for that, though not for long.
 */
export class PoolStream implements StreamSink, AsyncIterableIterator<unknown> {
  readonly #host: StreamHost;
  readonly #start: (sink: StreamSink) => PoolCall;
  #call: PoolCall | undefined;
  readonly #items: unknown[] = [];
  readonly #readers: Reader[] = [];
  /** Items that Python may still make. */
  #credit = 0;
  #end: { readonly error?: unknown } | undefined;
  /** Its worker is rid of it. */
  #closed: (() => void) | undefined;

  /** @param start makes the call; done when the first item is asked for */
  constructor(host: StreamHost, start: (sink: StreamSink) => PoolCall) {
    this.#host = host;
    this.#start = start;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    this.#call ??= this.#start(this);
    if (this.#items.length > 0) {
      const value = this.#items.shift();
      this.#refill();
      return Promise.resolve({ done: false, value });
    }
    if (this.#end !== undefined) return this.#ended(this.#end);
    if (this.#readers.length === 0) this.#host.starve(this.#call);
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  async return(value?: unknown): Promise<IteratorResult<unknown>> {
    this.#items.length = 0;
    const isOver = this.#end !== undefined;
    this.#end = {};
    this.#tellReaders(this.#end);
    if (!isOver && this.#call !== undefined) await this.#leave(this.#call);
    return { done: true, value };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.return().then(() => undefined);
  }

  began(call: PoolCall): void {
    this.#call = call;
    this.#credit = 0;
    this.#refill();
  }

  item(value: unknown): void {
    this.#credit -= 1;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#items.push(value);
    else reader({ done: false, value });
    if (this.#credit === 0) this.#refill();
    if (this.#credit === 0 && this.#call !== undefined) this.#host.rest(this.#call);
  }

  /** A stream is answered by its end; a value would be a mistake of the worker that nobody sees. */
  resolve(): void {
    this.end();
  }

  end(): void {
    this.#over({});
  }

  reject(error: unknown): void {
    // Until the call is made, the code that makes it is on the stack.
    this.#over({ error: this.#call === undefined ? error : withoutSite(error) });
  }

  closed(): void {
    this.#closed?.();
  }

  async #leave(call: PoolCall): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#closed = resolve;
    });
    this.#host.leave(call);
    await within(this.#host.settings.clock, CLOSE_MS, closed);
  }

  #over(end: { readonly error?: unknown }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#tellReaders(end);
  }

  #tellReaders(end: { readonly error?: unknown }): void {
    for (const reader of this.#readers.splice(0)) reader(this.#ended(this.#end ?? end));
  }

  /** The error comes once; after it there is nothing. */
  #ended(end: { readonly error?: unknown }): Promise<IteratorResult<unknown>> {
    if (!("error" in end)) return Promise.resolve({ done: true, value: undefined });
    this.#end = {};
    return rejection(end.error);
  }

  /** Asks for more when half of the window is used up. */
  #refill(): void {
    const call = this.#call;
    const free = WINDOW - this.#items.length - this.#credit;
    if (call === undefined || this.#end !== undefined || free < WINDOW / 2) return;
    if (call.phase !== "sent") return;
    this.#credit += free;
    this.#host.grant(call, free);
  }
}
