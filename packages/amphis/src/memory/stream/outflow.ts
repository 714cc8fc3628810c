/** What a writer may send and has sent: its credit, and the number of the next chunk. Sends nothing itself. */
export class Outflow {
  #credit = 0;
  #next = 0;

  /** Whether a chunk may go now. */
  get hasCredit(): boolean {
    return this.#credit > 0;
  }

  /** How many chunks went, which is the number of the next one. */
  get count(): number {
    return this.#next;
  }

  /** So many more may go. */
  grant(count: number): void {
    this.#credit += count;
  }

  /** Uses one credit. @returns the number of the chunk that goes with it */
  take(): number {
    if (this.#credit === 0) throw new RangeError("Cannot take credit: there is none");
    this.#credit -= 1;
    const sequence = this.#next;
    this.#next += 1;
    return sequence;
  }
}
