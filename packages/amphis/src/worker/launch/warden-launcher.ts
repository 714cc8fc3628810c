import { AwaitedWorker, endAll } from "./awaited-worker.ts";
import { EndPairs } from "./ends.ts";
import type { LaunchedWorker, Launcher, WorkerSpec } from "./launcher.ts";
import type { Native } from "./native.ts";
import { Warden } from "./warden.ts";

/** Has a warden fork the workers; a new warden takes the place of one that ended. */
export class WardenLauncher implements Launcher {
  readonly kind = "warden";
  readonly reason = undefined;
  readonly #spec: WorkerSpec;
  readonly #native: Native;
  readonly #workers = new Set<AwaitedWorker>();
  #warden: Warden;
  #isClosed = false;

  constructor(spec: WorkerSpec, native: Native) {
    this.#spec = spec;
    this.#native = native;
    this.#warden = new Warden(spec, native);
  }

  async launch(signal?: AbortSignal): Promise<LaunchedWorker> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new TypeError("Cannot launch worker: the launcher is closed");
    const worker = this.#ask();
    this.#workers.add(worker);
    void worker.exited.then(() => this.#workers.delete(worker));
    return worker.join(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await endAll(this.#workers);
    await this.#warden.close();
  }

  #ask(): AwaitedWorker {
    const ends = new EndPairs(this.#native.core);
    try {
      if (!this.#warden.fork(ends.far)) {
        this.#warden = new Warden(this.#spec, this.#native);
        this.#warden.fork(ends.far);
      }
      const warden = this.#warden;
      return new AwaitedWorker(this.#spec, ends.takeNear(), () => warden.witness());
    } finally {
      ends.close();
    }
  }
}
