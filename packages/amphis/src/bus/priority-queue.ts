import { PRIORITIES, type Priority } from "@amphis/protocol";

import { Fifo } from "./fifo.ts";

/** Dead items that are kept before they are swept out. */
const FEW = 64;

/**
 * Things that wait: the higher priority first, and within one in the order in which they came.
 *
 * What was given up is passed over, and swept out before it can pile up.
 */
export class PriorityQueue<T> {
  readonly #isOver: (item: T) => boolean;
  readonly #lanes: readonly Fifo<T>[] = PRIORITIES.map(() => new Fifo<T>());
  #length = 0;
  #dead = 0;

  /** @param isOver whether an item was given up while it waited */
  constructor(isOver: (item: T) => boolean = () => false) {
    this.#isOver = isOver;
  }

  /** Items that wait and are wanted. */
  get length(): number {
    return this.#length;
  }

  add(item: T, priority: Priority): void {
    this.#lanes[PRIORITIES.indexOf(priority)]?.push(item);
    this.#length += 1;
  }

  take(): T | undefined {
    for (let lane = this.#lanes.length - 1; lane >= 0; lane -= 1) {
      const next = this.#shift(this.#lanes[lane] as Fifo<T>);
      if (next !== undefined) return next;
    }
    return undefined;
  }

  /** Takes the oldest of the lowest priority: what is missed least. */
  takeLeast(): T | undefined {
    for (const lane of this.#lanes) {
      const next = this.#shift(lane);
      if (next !== undefined) return next;
    }
    return undefined;
  }

  /** An item that waits here was given up. */
  gaveUp(): void {
    this.#length -= 1;
    this.#dead += 1;
    if (this.#dead <= FEW || this.#dead <= this.#length) return;
    for (const lane of this.#lanes) lane.keep((item) => !this.#isOver(item));
    this.#dead = 0;
  }

  all(): T[] {
    return this.#lanes.flatMap((lane) => [...lane].filter((item) => !this.#isOver(item)));
  }

  #shift(lane: Fifo<T>): T | undefined {
    for (let next = lane.shift(); next !== undefined; next = lane.shift()) {
      if (this.#isOver(next)) this.#dead -= 1;
      else {
        this.#length -= 1;
        return next;
      }
    }
    return undefined;
  }
}
