/** Something that has messages to hand over. */
export interface Deliverer {
  deliver(): void;
}

/** Hands over what came in this turn of the event loop, of all subscriptions in one go, after whoever published has gone on. */
export class Deliveries {
  readonly #run: () => void;
  #ready: Deliverer[] = [];

  constructor() {
    this.#run = () => {
      const ready = this.#ready;
      this.#ready = [];
      for (const each of ready) each.deliver();
    };
  }

  add(deliverer: Deliverer): void {
    if (this.#ready.push(deliverer) === 1) queueMicrotask(this.#run);
  }
}
