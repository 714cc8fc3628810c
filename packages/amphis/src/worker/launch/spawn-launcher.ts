import type { ChildProcess, StdioOptions } from "node:child_process";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";

import { workerArguments } from "./arguments.ts";
import { AwaitedWorker, endAll } from "./awaited-worker.ts";
import { EndPairs, type NearEnds } from "./ends.ts";
import { InterpreterProcess } from "./interpreter-process.ts";
import type { LaunchedWorker, Launcher, WorkerSpec } from "./launcher.ts";
import type { Native } from "./native.ts";

const HANDED = { channel: 3, control: 4, line: 5 } as const;

/** Starts a fresh interpreter for each worker. */
export class SpawnLauncher implements Launcher {
  readonly kind = "spawn";
  readonly reason: string;
  readonly #spec: WorkerSpec;
  readonly #native: Native | undefined;
  readonly #workers = new Set<AwaitedWorker>();
  #isClosed = false;

  constructor(spec: WorkerSpec, native: Native | undefined, reason: string) {
    this.#spec = spec;
    this.#native = native;
    this.reason = reason;
  }

  async launch(signal?: AbortSignal): Promise<LaunchedWorker> {
    signal?.throwIfAborted();
    if (this.#isClosed) throw new TypeError("Cannot launch worker: the launcher is closed");
    const { process, near } = this.#start();
    const worker = new AwaitedWorker(this.#spec, near, async (stderr) => {
      const exit = await process.exited;
      if (process.failure !== undefined) throw process.failure;
      return { what: "Python", exit, stderr };
    });
    this.#workers.add(worker);
    void worker.exited.then(() => this.#workers.delete(worker));
    return worker.join(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await endAll(this.#workers);
  }

  #start(): { readonly process: InterpreterProcess; readonly near: NearEnds } {
    const args = workerArguments(this.#spec, HANDED, this.#native?.folder);
    if (this.#native === undefined) {
      const stdio: StdioOptions = ["ignore", "pipe", "pipe", "pipe", "pipe", "pipe"];
      const process = new InterpreterProcess(this.#spec, args, stdio);
      return { process, near: nearEndsOf(process.child) };
    }
    const ends = new EndPairs(this.#native.core);
    try {
      const [channel, control, line, stdout, stderr] = ends.far;
      const stdio: StdioOptions = ["ignore", stdout, stderr, channel, control, line];
      const process = new InterpreterProcess(this.#spec, args, stdio);
      return { process, near: ends.takeNear() };
    } finally {
      ends.close();
    }
  }
}

/** Node's own pipes are connected Unix sockets. */
function nearEndsOf({ stdio }: ChildProcess): NearEnds {
  const [, stdout, stderr, ...sockets] = stdio as readonly unknown[];
  const [channel, control, line] = sockets as [Socket, Socket, Socket];
  // Each side ends for itself.
  for (const socket of [channel, control, line]) socket.allowHalfOpen = true;
  return {
    channel,
    control,
    line,
    stdout: stdout as Readable,
    stderr: stderr as Readable,
  };
}
