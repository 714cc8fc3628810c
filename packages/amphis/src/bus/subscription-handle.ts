import type { Message, Value } from "@amphis/protocol";

import type {
  EventHandler,
  Registration,
  SubscribeOptions,
  Subscription,
  SubscriptionStats,
} from "./bus.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Exchange, SubscriptionInit } from "./exchange.ts";
import { parseFilter } from "./filter.ts";
import { LocalSubscription, type SubscriptionHost } from "./local-subscription.ts";
import { checkName } from "./name.ts";
import { expectPositive } from "./arguments.ts";
import { checkTopicPattern } from "./topic.ts";

/** What subscriptions share with their bus. */
export interface SubscriptionBus {
  readonly deliveries: Deliveries;
  readonly exchange: Exchange;
  readonly counts: { dropped: number; expired: number };
  /** @throws {AmphisError} for a payload that breaks its contract */
  check(message: Message): void;
  failed(error: unknown, message: Message): void;
  refused(error: unknown, message: Message | undefined): void;
  over(handle: SubscriptionHandle): void;
}

const MAX_MESSAGES = 0x7fff_ffff;

/** A subscription as whoever made it holds it. */
export class SubscriptionHandle implements Subscription, SubscriptionHost {
  readonly pattern: string;
  readonly ended: Promise<Error | undefined>;
  readonly #bus: SubscriptionBus;
  readonly #local: LocalSubscription;
  #registration: Registration | undefined;
  #end: (error: Error | undefined) => void = () => undefined;
  #drained: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  private constructor(bus: SubscriptionBus, init: SubscriptionInit, handler: EventHandler) {
    this.pattern = init.pattern;
    this.#bus = bus;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#local = new LocalSubscription(init.pattern, handler, init, this);
  }

  static async open(
    bus: SubscriptionBus,
    init: SubscriptionInit,
    handler: EventHandler,
  ): Promise<SubscriptionHandle> {
    const handle = new SubscriptionHandle(bus, init, handler);
    handle.#registration = await bus.exchange.subscribe(init, handle.#local, (error) =>
      handle.overrun(error),
    );
    // It may have ended before there was something to take back.
    if (handle.#closed !== undefined) await handle.#registration.close();
    return handle;
  }

  /** Whether it has ended, or is about to. */
  get isOver(): boolean {
    return this.#closed !== undefined;
  }

  get stats(): SubscriptionStats {
    return this.#local.stats;
  }

  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close(undefined);
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #drain(): Promise<void> {
    await this.#registration?.close();
    await this.#local.drain();
    await this.close();
  }

  get deliveries(): Deliveries {
    return this.#bus.deliveries;
  }

  check(message: Message): void {
    this.#bus.check(message);
  }

  failed(error: unknown, message: Message): void {
    this.#bus.failed(error, message);
  }

  refused(error: unknown, message: Message | undefined): void {
    this.#bus.refused(error, message);
  }

  dropped(): void {
    this.#bus.counts.dropped += 1;
  }

  expired(): void {
    this.#bus.counts.expired += 1;
  }

  /** It ends by itself: what waits is dropped, for there is no telling when it would be handled. */
  overrun(error: unknown): void {
    this.#closed ??= this.#close(error instanceof Error ? error : new Error(String(error)));
  }

  async #close(error: Error | undefined): Promise<void> {
    this.#local.close();
    this.#bus.over(this);
    await this.#registration?.close();
    this.#end(error);
  }
}

/** @throws {AmphisError} NAME_INVALID, FILTER_INVALID @throws {RangeError | TypeError} for options that make no sense */
export function subscriptionInit(pattern: string, options: SubscribeOptions): SubscriptionInit {
  const { group, filter, slowPolicy = "drop-oldest", maxMessages = 65_536 } = options;
  checkTopicPattern(pattern);
  if (group !== undefined) checkName("group", group);
  expectPositive("maxMessages", maxMessages);
  if (maxMessages > MAX_MESSAGES) {
    throw new RangeError(`Cannot use maxMessages: it must be at most ${MAX_MESSAGES}`);
  }
  if (!["drop-oldest", "drop-newest", "disconnect"].includes(slowPolicy)) {
    throw new TypeError(
      "Cannot subscribe: slowPolicy must be drop-oldest, drop-newest or disconnect",
    );
  }
  return {
    pattern,
    group,
    filter:
      filter === undefined ? undefined : { written: filter as Value, parsed: parseFilter(filter) },
    slowPolicy,
    maxMessages,
  };
}
