import type { Counts } from "./counts.ts";
import type { EventSink, SubscriptionInit } from "./exchange.ts";
import type { Filter } from "./filter.ts";
import type { Parcel } from "./parcel.ts";

/** A subscription as its hub knows it. */
export class HubSubscription {
  readonly group: string | undefined;
  readonly filter: Filter | undefined;
  readonly sink: EventSink;
  /** When it was last chosen from its group. */
  turn = 0;

  constructor(init: SubscriptionInit, sink: EventSink) {
    this.group = init.group;
    this.filter = init.filter?.parsed;
    this.sink = sink;
  }
}

/** Gives one event at a time to the subscriptions that match it: to each without a group, and to one of each group. */
export class SubscriptionMatch {
  /** Takes the next subscription whose pattern matches. Made once, so that publishing makes nothing. */
  readonly visit: (subscription: HubSubscription) => void;
  readonly #counts: Counts;
  readonly #groups = new Map<string, HubSubscription>();
  #parcel: Parcel | undefined;
  #turn = 0;

  constructor(counts: Counts) {
    this.#counts = counts;
    this.visit = (subscription) => this.#visit(subscription);
  }

  start(parcel: Parcel): void {
    this.#parcel = parcel;
  }

  /** Every match has been visited. */
  finish(): void {
    if (this.#groups.size > 0) {
      for (const subscription of this.#groups.values()) {
        this.#turn += 1;
        subscription.turn = this.#turn;
        subscription.sink.event(this.#parcel as Parcel);
      }
      this.#groups.clear();
    }
    this.#parcel = undefined;
  }

  #visit(subscription: HubSubscription): void {
    const parcel = this.#parcel as Parcel;
    if (subscription.filter !== undefined && !this.#passes(subscription.filter, parcel)) return;
    const { group } = subscription;
    if (group === undefined) subscription.sink.event(parcel);
    else {
      const best = this.#groups.get(group);
      if (best === undefined || isBetter(subscription, best)) this.#groups.set(group, subscription);
    }
  }

  #passes(filter: Filter, parcel: Parcel): boolean {
    try {
      return filter.matches(parcel.message());
    } catch {
      // A message that cannot be decoded has nothing to filter by. Who is subscribed without a filter may know more of it.
      this.#counts.refused += 1;
      return false;
    }
  }
}

/** The one that is less behind; of equals the one whose turn is longer ago. */
function isBetter(one: HubSubscription, other: HubSubscription): boolean {
  const ahead = other.sink.backlog - one.sink.backlog;
  return ahead === 0 ? one.turn < other.turn : ahead > 0;
}
