import type { Readable } from "node:stream";

import { isAmphisError } from "@amphis/protocol";

import type { Connection } from "../../transport/index.ts";
import type { ControlGroup } from "./control-group/control-group.ts";
import { groupWorker } from "./control-group/group-of-worker.ts";
import { dropChannel, dropEnds, type NearEnds } from "./ends.ts";
import { type Evidence, endedEarly, startFailed } from "./failure.ts";
import { KeeperLine } from "./keeper-line.ts";
import type { LaunchedWorker, ProcessExit, WorkerSpec } from "./launcher.ts";
import { processUsage } from "./process-usage.ts";
import { StderrTail } from "./stderr-tail.ts";

/** When a family has ended, its standard error has too; only who has escaped from it still holds the pipe. */
const STDERR_PATIENCE_MS = 100;

/** A blocked thread looks so often whether the keeper has told of an end. */
const LOOK_MS = 1;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** What the launcher knows when the keeper of a worker ended unseen. @param stderr what the worker said */
export type Witness = (stderr: string) => Promise<Evidence | undefined>;

/** A worker that was asked for. */
export class AwaitedWorker {
  readonly #spec: WorkerSpec;
  readonly #near: NearEnds;
  readonly #witness: Witness;
  readonly #line: KeeperLine;
  readonly #tail: StderrTail;
  readonly #hostPid: (pid: number) => number | undefined;
  /** Resolves when its family has ended and all that it said is read. */
  readonly exited: Promise<ProcessExit>;

  /** @param hostPid the number that its process has out here; undefined: nobody knows */
  constructor(
    spec: WorkerSpec,
    near: NearEnds,
    witness: Witness,
    hostPid: (pid: number) => number | undefined = (pid) => pid,
  ) {
    this.#hostPid = hostPid;
    this.#spec = spec;
    this.#near = near;
    this.#witness = witness;
    this.#line = new KeeperLine(near.line, near.descriptors?.line);
    this.#tail = new StderrTail(near.stderr);
    this.exited = this.#line.ended.then(async (exit) => {
      await this.#tail.complete(STDERR_PATIENCE_MS);
      return exit;
    });
  }

  /** Ends it and all that descends from it. */
  kill(): void {
    this.#line.kill();
  }

  /** Waits for the process and opens its channel. What does not come about leaves nothing behind. */
  async join(signal: AbortSignal | undefined): Promise<LaunchedWorker> {
    const ending = new AbortController();
    const abort = (): void => ending.abort(signal?.reason);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted === true) abort();
    void this.#line.ended.then(() => ending.abort(new Error("it ended")));
    try {
      return await this.#open(ending.signal);
    } catch (error) {
      this.#line.kill();
      try {
        // A witness may throw too, what it knows better.
        throw signal?.aborted === true ? signal.reason : await this.#why(error);
      } finally {
        dropEnds(this.#near);
      }
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  async #open(signal: AbortSignal): Promise<LaunchedWorker> {
    const { ringBytes, spinMs, maxFrameBytes } = this.#spec;
    const [started, { connectionOver, hostChannel }] = await Promise.all([
      this.#startedUnless(signal),
      // Loaded while the process starts.
      import("../../transport/index.ts"),
    ]).catch((error: unknown) => {
      // From here on it belongs to the connection, which closes it itself.
      dropChannel(this.#near);
      throw error;
    });
    const known = this.#hostPid(started);
    const pid = known ?? started;
    this.#group(known);
    const memory = await this.#spec.memory;
    const address = `worker ${pid}`;
    const connection = await hostChannel(this.#near.channel, {
      memory,
      ringBytes,
      spinMs,
      maxFrameBytes,
      address,
      signal,
    });
    const control = connectionOver(this.#near.control, {
      address,
      maxFrameBytes,
      heartbeatMs: 0,
      batch: "off",
    });
    return new JoinedWorker({
      pid,
      connection,
      control,
      stdout: this.#near.stdout,
      stderr: this.#near.stderr,
      exited: this.exited,
      line: this.#line,
      tail: this.#tail,
      stderrDescriptor: this.#near.descriptors?.stderr,
    });
  }

  /** Before its channel is open it runs no call: whatever one starts is in the group too. */
  #group(pid: number | undefined): void {
    let group: ControlGroup | undefined;
    try {
      group = groupWorker(this.#spec, pid);
    } catch (cause) {
      dropChannel(this.#near);
      const reason = `it cannot be held to its limits: ${(cause as Error).message}`;
      throw startFailed(this.#spec, reason, "", cause);
    }
    if (group === undefined) return;
    this.#line.explainBy(group);
    void this.exited.then(() => group.remove());
  }

  #startedUnless(signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(signal.reason as Error);
      signal.addEventListener("abort", abort, { once: true });
      if (signal.aborted) abort();
      this.#line.started.then(resolve, reject);
    });
  }

  /** A worker that died shows in several ways at once; how it ended says most. */
  async #why(error: unknown): Promise<unknown> {
    if (isAmphisError(error, "MEMORY_REFUSED") || isAmphisError(error, "WORKER_START_FAILED")) {
      return error;
    }
    const exit = await this.exited;
    const stderr = this.#tail.text;
    const isMute = isAmphisError(error) || (error as Error).name === "TimeoutError";
    if (isMute || this.#line.refusal !== undefined) {
      const reason = this.#line.refusal ?? `its channel does not open: ${(error as Error).message}`;
      return startFailed(this.#spec, reason, stderr, error);
    }
    const evidence = this.#line.isLost ? await this.#witness(stderr) : undefined;
    return endedEarly(this.#spec, evidence ?? { what: "it", exit, stderr });
  }
}

/** Ends workers, and waits until they are gone. */
export async function endAll(workers: ReadonlySet<AwaitedWorker>): Promise<void> {
  for (const worker of workers) worker.kill();
  await Promise.all([...workers].map(({ exited }) => exited));
}

interface JoinedInit {
  readonly pid: number;
  readonly connection: Connection;
  readonly control: Connection;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<ProcessExit>;
  readonly line: KeeperLine;
  readonly tail: StderrTail;
  readonly stderrDescriptor: number | undefined;
}

/** A worker whose channel is open, over the line to its keeper. */
class JoinedWorker implements LaunchedWorker {
  readonly pid: number;
  readonly connection: Connection;
  readonly control: Connection;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<ProcessExit>;
  readonly #line: KeeperLine;
  readonly #tail: StderrTail;
  readonly #stderrDescriptor: number | undefined;

  constructor(init: JoinedInit) {
    this.pid = init.pid;
    this.connection = init.connection;
    this.control = init.control;
    this.stdout = init.stdout;
    this.stderr = init.stderr;
    this.exited = init.exited;
    this.#line = init.line;
    this.#tail = init.tail;
    this.#stderrDescriptor = init.stderrDescriptor;
  }

  get stderrTail(): string {
    return this.#tail.text;
  }

  kill(signal?: NodeJS.Signals | number): void {
    this.#line.kill(signal);
  }

  exitWithin(patienceMs: number): ProcessExit | undefined {
    const deadline = performance.now() + patienceMs;
    let exit = this.#line.exitNow();
    while (exit === undefined && performance.now() < deadline) {
      Atomics.wait(NEVER, 0, 0, LOOK_MS);
      exit = this.#line.exitNow();
    }
    if (this.#stderrDescriptor !== undefined) this.#tail.takeNow(this.#stderrDescriptor);
    return exit;
  }

  usage(): { readonly rssBytes: number; readonly cpuMs: number } | undefined {
    return this.#line.isOver ? undefined : processUsage(this.pid);
  }
}
