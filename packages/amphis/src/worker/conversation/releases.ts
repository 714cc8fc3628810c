/** Releases wait so long for a call to go with. */
const MAX_WAIT_MS = 50;
/** So many do not wait. */
const MAX_WAITING = 1_024;

/** Live objects that are not wanted any more, until the worker is told: with the next call, or a little later all together. */
export class Releases {
  readonly #send: (ids: readonly number[]) => void;
  #ids: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  constructor(send: (ids: readonly number[]) => void) {
    this.#send = send;
  }

  get areWaiting(): boolean {
    return this.#ids.length > 0;
  }

  add(id: number): void {
    if (this.#isEnded) return;
    if (this.#ids.push(id) >= MAX_WAITING) this.flush();
    else this.#timer ??= setTimeout(this.#late, MAX_WAIT_MS).unref();
  }

  flush(): void {
    const ids = this.#ids;
    if (ids.length === 0) return;
    this.#ids = [];
    this.#send(ids);
  }

  end(): void {
    this.#isEnded = true;
    this.#ids = [];
    clearTimeout(this.#timer);
  }

  readonly #late = (): void => {
    this.#timer = undefined;
    this.flush();
  };
}
