import type { OpenCall } from "./open-call.ts";

/** A power of two, and more than a worker is sent at a time. */
const PLACES = 1_024;

/**
 * The calls that are not over, by their numbers, which rise by one.
 *
 * Not a `Map`: that makes a new table whenever so many have come and gone as it has room for, and each old table refers to the next. Once
 * the garbage collector has moved one of them to the old generation, it keeps all that follow, and every call in them, until a full
 * collection; a fifth of the calls per second were lost to that.
 */
export class OpenCalls {
  readonly #ids = new Float64Array(PLACES);
  readonly #calls: (OpenCall | undefined)[] = Array.from({ length: PLACES });
  /** Those whose place another has that takes longer. */
  readonly #others = new Map<number, OpenCall>();
  #taken = 0;

  get size(): number {
    return this.#taken + this.#others.size;
  }

  get(id: number): OpenCall | undefined {
    const place = placeOf(id);
    if (this.#ids[place] === id) return this.#calls[place];
    return this.#others.size === 0 ? undefined : this.#others.get(id);
  }

  /** @param id of no other call that is not over; 1 or more */
  set(id: number, call: OpenCall): void {
    const place = placeOf(id);
    if (this.#ids[place] !== 0) {
      this.#others.set(id, call);
      return;
    }
    this.#ids[place] = id;
    this.#calls[place] = call;
    this.#taken += 1;
  }

  delete(id: number): void {
    const place = placeOf(id);
    // A free place has the number 0, which a peer may name.
    if (this.#ids[place] !== id || id === 0) {
      this.#others.delete(id);
      return;
    }
    this.#ids[place] = 0;
    this.#calls[place] = undefined;
    this.#taken -= 1;
  }

  clear(): void {
    this.#ids.fill(0);
    this.#calls.fill(undefined);
    this.#others.clear();
    this.#taken = 0;
  }

  /** In the order in which they were begun. */
  entries(): readonly (readonly [id: number, call: OpenCall])[] {
    const entries: [number, OpenCall][] = [...this.#others];
    for (const [place, call] of this.#calls.entries()) {
      if (call !== undefined) entries.push([this.#ids[place] ?? 0, call]);
    }
    return entries.toSorted(([one], [other]) => one - other);
  }
}

function placeOf(id: number): number {
  return id & (PLACES - 1);
}
