import type { Reference } from "@amphis/protocol";

type Use = Pick<Reference, "generation" | "expiresAt">;

const FIRST_SWEEP = 1_024;

/**
 * The references for one use that were used. Those that would be refused anyway are forgotten, so as many are kept as name memory that is
 * lent now; only who has the key can make more.
 */
export class UsedReferences {
  readonly #uses = new Map<string, Use>();
  readonly #isOver: (use: Use) => boolean;
  #sweepAt = FIRST_SWEEP;

  /** @param isOver whether such a reference is refused for another reason by now */
  constructor(isOver: (use: Use) => boolean) {
    this.#isOver = isOver;
  }

  /** @returns false when it was used before */
  add({ token, generation, expiresAt }: Reference): boolean {
    const key = Buffer.from(token).toString("base64");
    if (this.#uses.has(key)) return false;
    this.#uses.set(key, { generation, expiresAt });
    if (this.#uses.size >= this.#sweepAt) this.#sweep();
    return true;
  }

  get size(): number {
    return this.#uses.size;
  }

  #sweep(): void {
    for (const [key, use] of this.#uses) if (this.#isOver(use)) this.#uses.delete(key);
    this.#sweepAt = Math.max(FIRST_SWEEP, this.#uses.size * 2);
  }
}
