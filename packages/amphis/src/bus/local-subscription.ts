import { AmphisError, type Message } from "@amphis/protocol";

import type { EventHandler, SlowPolicy, SubscriptionStats } from "./bus.ts";
import type { Deliverer, Deliveries } from "./deliveries.ts";
import type { EventSink } from "./exchange.ts";
import type { Parcel } from "./parcel.ts";
import { PriorityQueue } from "./priority-queue.ts";

/** How much may wait for a subscription, and what becomes of the rest. */
export interface SubscriptionSettings {
  readonly slowPolicy: SlowPolicy;
  readonly maxMessages: number;
}

/** What a subscription tells its bus. */
export interface SubscriptionHost {
  readonly deliveries: Deliveries;
  /** @throws {AmphisError} for a payload that breaks its contract */
  check(message: Message): void;
  /** A handler threw. */
  failed(error: unknown, message: Message): void;
  /** A message breaks its contract, or could not even be read. */
  refused(error: unknown, message: Message | undefined): void;
  dropped(): void;
  expired(): void;
  /** It has no room and wants to end. */
  overrun(error: AmphisError): void;
}

type State =
  | "idle"
  /** It is among the deliveries of this turn. */
  | "ready"
  /** Its handler is at work. */
  | "busy";

/** A subscription of this process: its handler, and the messages that wait for it. */
export class LocalSubscription implements EventSink, Deliverer {
  readonly pattern: string;
  readonly #handler: EventHandler;
  readonly #settings: SubscriptionSettings;
  readonly #host: SubscriptionHost;
  /** The only message that waits; most subscriptions never have two, and a queue is many objects. */
  #only: Parcel | undefined;
  #queue: PriorityQueue<Parcel> | undefined;
  #state: State = "idle";
  #closed = false;
  #delivered = 0;
  #dropped = 0;
  #expired = 0;
  #onIdle: (() => void)[] | undefined;

  constructor(
    pattern: string,
    handler: EventHandler,
    settings: SubscriptionSettings,
    host: SubscriptionHost,
  ) {
    this.pattern = pattern;
    this.#handler = handler;
    this.#settings = settings;
    this.#host = host;
  }

  get backlog(): number {
    return (this.#only === undefined ? 0 : 1) + (this.#queue?.length ?? 0);
  }

  get stats(): SubscriptionStats {
    return {
      delivered: this.#delivered,
      dropped: this.#dropped,
      expired: this.#expired,
      queued: this.backlog,
    };
  }

  event(parcel: Parcel): void {
    if (this.#closed) return;
    if (this.#state !== "idle") this.#wait(parcel);
    else {
      this.#only = parcel;
      this.#state = "ready";
      this.#host.deliveries.add(this);
    }
  }

  /** Hands over what waits, until the handler takes its time. */
  deliver(): void {
    this.#state = "busy";
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      if (next.isExpired) {
        this.#expired += 1;
        this.#host.expired();
        continue;
      }
      const handled = this.#hand(next);
      if (handled !== undefined) {
        void this.#resume(next, handled);
        return;
      }
    }
    this.#idle();
  }

  /** Resolves when everything that waits is handled. */
  drain(): Promise<void> {
    if (this.#state === "idle" || this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      (this.#onIdle ??= []).push(resolve);
    });
  }

  /** Drops what waits. */
  close(): void {
    this.#closed = true;
    this.#only = undefined;
    this.#queue = undefined;
    this.#tellDrained();
  }

  #wait(parcel: Parcel): void {
    if (this.backlog >= this.#settings.maxMessages && !this.#makeRoom()) return;
    if (this.#queue === undefined && this.#only === undefined) {
      this.#only = parcel;
      return;
    }
    this.#queue ??= new PriorityQueue();
    if (this.#only !== undefined) {
      this.#queue.add(this.#only, this.#only.priority);
      this.#only = undefined;
    }
    this.#queue.add(parcel, parcel.priority);
  }

  #take(): Parcel | undefined {
    const only = this.#only;
    if (only === undefined) return this.#queue?.take();
    this.#only = undefined;
    return only;
  }

  /** @returns whether the new message has room now */
  #makeRoom(): boolean {
    const { slowPolicy, maxMessages: limit } = this.#settings;
    if (slowPolicy === "disconnect") {
      const { pattern } = this;
      const message = `Cannot go on with subscription to ${pattern}: ${limit} messages wait for its handler`;
      this.#host.overrun(new AmphisError("SUBSCRIBER_SLOW", message, { pattern, limit }));
      return false;
    }
    this.#dropped += 1;
    this.#host.dropped();
    if (slowPolicy === "drop-newest") return false;
    if (this.#only === undefined) return this.#queue?.takeLeast() !== undefined;
    this.#only = undefined;
    return true;
  }

  #hand(parcel: Parcel): Promise<void> | undefined {
    const message = this.#read(parcel);
    if (message === undefined) return undefined;
    this.#delivered += 1;
    try {
      return this.#handler(message.payload, message) ?? undefined;
    } catch (error) {
      this.#host.failed(error, message);
      return undefined;
    }
  }

  /** The message, if its sender made one that can be handled. */
  #read(parcel: Parcel): Message | undefined {
    let message: Message | undefined;
    try {
      message = parcel.message();
      this.#host.check(message);
      return message;
    } catch (error) {
      this.#host.refused(error, message);
      return undefined;
    }
  }

  async #resume(parcel: Parcel, handled: Promise<void>): Promise<void> {
    try {
      await handled;
    } catch (error) {
      this.#host.failed(error, parcel.message());
    }
    this.deliver();
  }

  #idle(): void {
    this.#state = "idle";
    this.#tellDrained();
  }

  #tellDrained(): void {
    const waiting = this.#onIdle;
    this.#onIdle = undefined;
    for (const resolve of waiting ?? []) resolve();
  }
}
