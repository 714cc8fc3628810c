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
  #warden: Warden | undefined;
  #isClosed = false;

  constructor(spec: WorkerSpec, native: Native) {
    this.#spec = spec;
    this.#native = native;
    this.#warden = new Warden(spec, native);
  }

  async launch(signal?: AbortSignal): Promise<LaunchedWorker> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new TypeError("Cannot launch worker: the launcher is closed");
    const warden = this.#current();
    const worker = this.#ask(warden);
    this.#workers.add(worker);
    void worker.exited.then(() => this.#workers.delete(worker));
    return worker.join(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await endAll(this.#workers);
    await this.#warden?.close();
  }

  #current(): Warden {
    if (this.#warden === undefined || this.#warden.hasEnded) {
      this.#warden = new Warden(this.#spec, this.#native);
    }
    return this.#warden;
  }

  #ask(warden: Warden): AwaitedWorker {
    const ends = new EndPairs(this.#native.core);
    try {
      warden.fork(ends.far);
      return new AwaitedWorker(this.#spec, ends.takeNear(), () => warden.witness());
    } finally {
      ends.close();
    }
  }
}
