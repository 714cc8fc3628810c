import type { LaunchedWorker } from "./launcher.ts";

/** Workers are wanted one after the other when they are wanted at all, and a program that starts has better things to do. */
const REST_MS = 200;

export interface SpareInit {
  /** Starts a worker. */
  readonly launch: () => Promise<LaunchedWorker>;
  /** Whether there are workers besides the spare. */
  readonly hasOthers: () => boolean;
}

/**
 * A worker that is there before it is wanted: forked, and its channel open, but nothing was said and so no module of users is loaded.
 *
 * It is made when no worker was wanted for a while, and goes when it is the last. It shares almost all of its memory with the warden.
 */
export class Spare {
  readonly #init: SpareInit;
  readonly #leaving = new Set<Promise<void>>();
  #worker: LaunchedWorker | undefined;
  #making: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(init: SpareInit) {
    this.#init = init;
  }

  /** How many there are, or will be. */
  get count(): number {
    return this.#worker === undefined && this.#making === undefined ? 0 : 1;
  }

  /** The spare, which is the caller's from here on; undefined: there is none at the moment. */
  take(): LaunchedWorker | undefined {
    const worker = this.#worker;
    // One that has ended may not have been heard of yet.
    if (worker?.connection.state.kind !== "open" || worker.usage() === undefined) return undefined;
    this.#worker = undefined;
    return worker;
  }

  /** Sees, after a while, to it that there is one if there should be. */
  settleSoon(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => this.#settle(), REST_MS).unref();
  }

  /** Makes no more, and resolves when nothing is left of one that has ended or is being ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#making;
    await Promise.all(this.#leaving);
  }

  #settle(): void {
    if (!this.#init.hasOthers()) this.#worker?.kill();
    else if (this.count === 0) {
      this.#making = this.#make().then(() => {
        this.#making = undefined;
      });
    }
  }

  async #make(): Promise<void> {
    try {
      const worker = await this.#init.launch();
      this.#worker = worker;
      const leaving = this.#leave(worker);
      this.#leaving.add(leaving);
      void leaving.then(() => this.#leaving.delete(leaving));
      // The others may have ended meanwhile.
      this.settleSoon();
    } catch {
      // Who wants one next finds out why there is none.
    }
  }

  /** Nothing of it is left when it ends before it was taken. */
  async #leave(worker: LaunchedWorker): Promise<void> {
    await worker.exited;
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    worker.stdout.destroy();
    await worker.connection.close();
    await worker.control.close();
  }
}
