/** Does something once, however many ask for it; again after it failed. */
export class Once {
  readonly #act: () => void | Promise<void>;
  #done: Promise<void> | undefined;
  #isDone = false;

  constructor(act: () => void | Promise<void>) {
    this.#act = act;
  }

  /** Whether nothing is left to wait for. */
  get isDone(): boolean {
    return this.#isDone;
  }

  done(): Promise<void> {
    this.#done ??= this.#begin();
    return this.#done;
  }

  /** It is to be done again, when somebody asks. */
  again(): void {
    this.#done = undefined;
    this.#isDone = false;
  }

  async #begin(): Promise<void> {
    try {
      await this.#act();
      this.#isDone = true;
    } catch (error) {
      this.#done = undefined;
      throw error;
    }
  }
}
