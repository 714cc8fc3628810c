/** Something that can wait in one line at a time. All but `rank` and `order` belong to the line. */
export interface Waiting<T> {
  /** 0 is the lowest priority. */
  readonly rank: number;
  /** Grows from one that came to the next. */
  readonly order: number;
  line: object | undefined;
  next: T | undefined;
  previous: T | undefined;
}

interface Lane<T> {
  first: T | undefined;
  last: T | undefined;
  /** How often one of a higher priority was taken while one waited here. */
  passedOver: number;
}

/** Priorities that there are. */
const RANKS = 4;

/** So often one of a lower priority lets higher ones pass; then it is its turn. */
const PATIENCE = 16;

/**
 * A line with priorities: the higher first, in the order in which they came; nobody waits for ever.
 *
 * The lower priority gets one turn in seventeen while the higher ones never end. Everything takes the same time however many wait, and
 * makes no objects: those who wait are the links of the chain.
 */
export class WaitingLine<T extends Waiting<T>> {
  readonly #lanes: readonly Lane<T>[] = Array.from({ length: RANKS }, () => ({
    first: undefined,
    last: undefined,
    passedOver: 0,
  }));
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Puts it behind all of its priority that came before it: one that comes back gets its old place. */
  add(item: T): void {
    const lane = this.#lane(item);
    let before = lane.last;
    while (before !== undefined && before.order > item.order) before = before.previous;
    const after = before === undefined ? lane.first : before.next;
    item.previous = before;
    item.next = after;
    if (before === undefined) lane.first = item;
    else before.next = item;
    if (after === undefined) lane.last = item;
    else after.previous = item;
    item.line = this;
    this.#length += 1;
  }

  /** Whose turn it is. */
  peek(): T | undefined {
    if (this.#length === 0) return undefined;
    return (this.#impatient() ?? this.#highest())?.first;
  }

  /** Takes the one whose turn it is, as `peek` told. */
  take(): T | undefined {
    const item = this.peek();
    if (item === undefined) return undefined;
    this.remove(item);
    for (let rank = 0; rank < RANKS; rank += 1) {
      const lane = this.#lanes[rank] as Lane<T>;
      if (rank < item.rank && lane.first !== undefined) lane.passedOver += 1;
    }
    this.#lane(item).passedOver = 0;
    return item;
  }

  /** One leaves; harmless when it is not in this line. */
  remove(item: T): void {
    if (item.line !== this) return;
    const lane = this.#lane(item);
    if (item.previous === undefined) lane.first = item.next;
    else item.previous.next = item.next;
    if (item.next === undefined) lane.last = item.previous;
    else item.next.previous = item.previous;
    item.line = undefined;
    item.next = undefined;
    item.previous = undefined;
    this.#length -= 1;
  }

  /** Empties it, and gives all in the order of their turns without patience. */
  takeAll(): T[] {
    const all: T[] = [];
    for (let lane = this.#highest(); lane?.first !== undefined; lane = this.#highest()) {
      all.push(lane.first);
      this.remove(lane.first);
    }
    for (const lane of this.#lanes) lane.passedOver = 0;
    return all;
  }

  *[Symbol.iterator](): Generator<T> {
    for (const lane of this.#lanes) {
      for (let item = lane.first; item !== undefined; item = item.next) yield item;
    }
  }

  #lane(item: T): Lane<T> {
    return this.#lanes[item.rank] as Lane<T>;
  }

  #highest(): Lane<T> | undefined {
    for (let rank = RANKS - 1; rank >= 0; rank -= 1) {
      const lane = this.#lanes[rank] as Lane<T>;
      if (lane.first !== undefined) return lane;
    }
    return undefined;
  }

  #impatient(): Lane<T> | undefined {
    for (const lane of this.#lanes) {
      if (lane.first !== undefined && lane.passedOver >= PATIENCE) return lane;
    }
    return undefined;
  }
}
