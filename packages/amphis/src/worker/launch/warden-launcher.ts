import { AwaitedWorker, endAll } from "./awaited-worker.ts";
import { EndPairs } from "./ends.ts";
import type { LaunchedWorker, Launcher, WorkerSpec } from "./launcher.ts";
import type { Native } from "./native.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { Spare } from "./spare.ts";
import { Warden } from "./warden.ts";

/** Has a warden fork the workers, one of them before it is wanted; a new warden takes the place of one that ended. */
export class WardenLauncher implements Launcher {
  readonly kind = "warden";
  readonly reason = undefined;
  readonly #spec: WorkerSpec;
  readonly #native: Native;
  readonly #sandbox: Sandbox | undefined;
  readonly #workers = new Set<AwaitedWorker>();
  readonly #spare: Spare | undefined;
  #warden: Warden;
  #isClosed = false;

  /** @param sandbox that all workers live in, with their warden */
  constructor(spec: WorkerSpec, native: Native, sandbox?: Sandbox) {
    this.#spec = spec;
    this.#native = native;
    this.#sandbox = sandbox;
    this.#warden = new Warden(spec, native, sandbox);
    if (spec.spare !== true) return;
    this.#spare = new Spare({
      launch: () => this.#start(undefined),
      hasOthers: () => this.#workers.size > (this.#spare?.count ?? 0),
    });
  }

  async launch(signal?: AbortSignal): Promise<LaunchedWorker> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new TypeError("Cannot launch worker: the launcher is closed");
    const worker = this.#spare?.take() ?? (await this.#start(signal));
    this.#spare?.settleSoon();
    return worker;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await endAll(this.#workers);
    await this.#spare?.close();
    await this.#warden.close();
  }

  #start(signal: AbortSignal | undefined): Promise<LaunchedWorker> {
    const worker = this.#ask();
    this.#workers.add(worker);
    void worker.exited.then(() => {
      this.#workers.delete(worker);
      this.#spare?.settleSoon();
    });
    return worker.join(signal);
  }

  #ask(): AwaitedWorker {
    const ends = new EndPairs(this.#native.core);
    try {
      if (!this.#warden.fork(ends.far)) {
        this.#warden = new Warden(this.#spec, this.#native, this.#sandbox);
        this.#warden.fork(ends.far);
      }
      const warden = this.#warden;
      const hostPid = (pid: number): number | undefined => warden.hostPid(pid);
      return new AwaitedWorker(this.#spec, ends.takeNear(), () => warden.witness(), hostPid);
    } finally {
      ends.close();
    }
  }
}
