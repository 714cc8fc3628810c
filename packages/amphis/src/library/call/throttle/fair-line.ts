/** Who waits, in a line for each function; the lines take turns, so that many calls of one function do not keep the others waiting. */
export class FairLine<T> {
  /** In the order of their turns. */
  readonly #lines = new Map<string, Set<T>>();
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(name: string, item: T): void {
    let line = this.#lines.get(name);
    if (line === undefined) this.#lines.set(name, (line = new Set()));
    line.add(item);
    this.#length += 1;
  }

  shift(): T | undefined {
    for (const [name, line] of this.#lines) {
      this.#lines.delete(name);
      for (const item of line) {
        line.delete(item);
        this.#length -= 1;
        // To the end: it is the turn of the others.
        if (line.size > 0) this.#lines.set(name, line);
        return item;
      }
    }
    return undefined;
  }

  /** @returns whether it was there */
  leave(name: string, item: T): boolean {
    const line = this.#lines.get(name);
    if (line === undefined || !line.delete(item)) return false;
    this.#length -= 1;
    if (line.size === 0) this.#lines.delete(name);
    return true;
  }
}
