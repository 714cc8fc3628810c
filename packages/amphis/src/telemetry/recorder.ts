import {
  eventNames,
  type EventName,
  type Events,
  type NamedEvent,
  subscribe,
} from "./catalogue.ts";

export interface RecordOptions {
  /** What is recorded. @default every event */
  readonly names?: readonly EventName[] | undefined;
  /** Most events that are kept; the oldest go first. @default 10_000 */
  readonly limit?: number | undefined;
}

/** An event, and when it was told. */
export type RecordedEvent = NamedEvent & {
  /** Milliseconds by `performance.now()`. */
  readonly at: number;
};

interface Waiter {
  readonly name: EventName;
  readonly hear: (event: object) => void;
  readonly giveUp: (reason: unknown) => void;
}

/** Keeps events in memory, from `recordEvents` until it is disposed of. */
export class Recorder implements Disposable {
  readonly #limit: number;
  readonly #leave: () => void;
  /** Grows to twice the limit before the older half is cut off, so that keeping one costs the same however many there are. */
  #kept: RecordedEvent[] = [];
  #total = 0;
  #cleared = 0;
  readonly #waiters = new Set<Waiter>();

  constructor({ names = eventNames, limit = 10_000 }: RecordOptions = {}) {
    if (!Number.isSafeInteger(limit) || limit < 1) {
      throw new RangeError(`Cannot record events as limit must be a whole number from 1: ${limit}`);
    }
    this.#limit = limit;
    this.#leave = subscribe((named) => this.#hear(named), names);
  }

  /** What was told, in order. */
  get events(): readonly RecordedEvent[] {
    return this.#kept.slice(-this.#limit);
  }

  /** How many events were forgotten because there were more than the limit. */
  get dropped(): number {
    return Math.max(0, this.#total - this.#cleared - this.#limit);
  }

  /** The events of one name, in order. */
  of<Name extends EventName>(name: Name): Events[Name][] {
    const found: Events[Name][] = [];
    for (const named of this.events) {
      if (named.name === name) found.push(named.event as Events[Name]);
    }
    return found;
  }

  /**
   * The next event of a name that satisfies what is asked; those told already do not count.
   *
   * @throws the reason of the signal when that comes first; an error when recording ends before
   */
  next<Name extends EventName>(
    name: Name,
    {
      where = () => true,
      signal,
    }: {
      readonly where?: ((event: Events[Name]) => boolean) | undefined;
      readonly signal?: AbortSignal | undefined;
    } = {},
  ): Promise<Events[Name]> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const settle = (): void => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener("abort", abort);
      };
      const giveUp = (reason: unknown): void => {
        settle();
        reject(reason);
      };
      const abort = (): void => giveUp(signal?.reason);
      const hear = (event: object): void => {
        try {
          if (!where(event as Events[Name])) return;
          resolve(event as Events[Name]);
        } catch (error) {
          reject(error);
        }
        settle();
      };
      const waiter: Waiter = { name, hear, giveUp };
      this.#waiters.add(waiter);
      signal?.addEventListener("abort", abort);
    });
  }

  /** Forgets what was recorded. */
  clear(): void {
    this.#kept = [];
    this.#cleared = this.#total;
  }

  /** Stops recording; what was recorded stays. */
  [Symbol.dispose](): void {
    this.#leave();
    for (const { name, giveUp } of this.#waiters) {
      giveUp(new Error(`Cannot wait for ${name}: the recorder was disposed of`));
    }
  }

  #hear(named: NamedEvent): void {
    this.#kept.push({ ...named, at: performance.now() });
    this.#total += 1;
    if (this.#kept.length >= 2 * this.#limit) this.#kept = this.#kept.slice(-this.#limit);
    for (const waiter of this.#waiters) {
      if (waiter.name === named.name) waiter.hear(named.event);
    }
  }
}

/** Records events from now on. */
export function recordEvents(options?: RecordOptions): Recorder {
  return new Recorder(options);
}
