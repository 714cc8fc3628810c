import type { StdioOptions } from "node:child_process";
import { Socket } from "node:net";

import { isAmphisError } from "@amphis/protocol";

import { workerArguments } from "./arguments.ts";
import { type Evidence, startFailed } from "./failure.ts";
import { InterpreterProcess } from "./interpreter-process.ts";
import type { WorkerSpec } from "./launcher.ts";
import type { Native } from "./native.ts";
import { hostsOf } from "./policy.ts";
import { hostProcess } from "./sandbox/host-process.ts";
import { type Sandbox, withFilter } from "./sandbox/sandbox.ts";
import { SandboxExit } from "./sandbox/sandbox-exit.ts";
import { StderrTail } from "./stderr-tail.ts";

const HANDED = { warden: 3 } as const;
/** Behind what is handed over; bubblewrap reads it to its end and closes it. */
const FILTER = 4;
const FORK = Uint8Array.of(1);
/** Its end is known so soon after that of what it kept. */
const PATIENCE_MS = 200;

/**
 * The Python process that workers are forked from.
 *
 * It imports while this program goes on: who asks meanwhile waits in its socket. It keeps no program alive, and ends with this one.
 */
export class Warden {
  readonly #spec: WorkerSpec;
  readonly #native: Native;
  readonly #process: InterpreterProcess;
  readonly #tail: StderrTail;
  /** Its end is how a warden notices the end of this program. */
  readonly #socket: number;
  readonly #isSandboxed: boolean;
  readonly #exit: SandboxExit | undefined;
  #hasEnded = false;

  constructor(spec: WorkerSpec, native: Native, sandbox?: Sandbox) {
    const { core, folder } = native;
    this.#spec = spec;
    this.#native = native;
    this.#isSandboxed = sandbox !== undefined;
    const [near, far] = core.socketPair();
    const { hears, rings } = core.createDoorbellPair();
    const stderr = new Socket({ fd: hears, writable: false });
    try {
      const args = workerArguments(spec, HANDED, folder);
      this.#process = startIn(sandbox, spec, args, [rings, far]);
    } catch (error) {
      core.closeDescriptor(near);
      stderr.destroy();
      throw error;
    } finally {
      for (const end of [far, rings]) core.closeDescriptor(end);
    }
    this.#socket = near;
    const hosts = this.#isSandboxed ? hostsOf(spec.policy ?? {}) : undefined;
    if (hosts !== undefined) this.#exit = new SandboxExit(core, near, spec.pool ?? "", hosts);
    this.#tail = new StderrTail(stderr);
    stderr.unref();
    this.#process.child.unref();
    void this.#process.exited.then(() => this.#end());
  }

  /**
   * Asks for a worker with these ends, which stay the caller's to close.
   *
   * @returns whether it could; if not, it has ended
   * @throws {AmphisError} WORKER_START_FAILED
   */
  fork(ends: readonly number[]): boolean {
    if (this.#hasEnded) return false;
    let sent: number | undefined;
    try {
      sent = this.#native.core.sendDescriptors(this.#socket, FORK, ends);
    } catch (cause) {
      // It has ended just now, and the event that says so is still to come.
      if (isAmphisError(cause, "NATIVE_CALL_FAILED") && cause.context.errno === "EPIPE") {
        return false;
      }
      throw startFailed(this.#spec, (cause as Error).message, this.#tail.text, cause);
    }
    if (sent === undefined) {
      throw startFailed(this.#spec, "too many workers are being started", this.#tail.text);
    }
    return true;
  }

  /** The number of a worker in this process's view; undefined where the system does not tell. */
  hostPid(pid: number): number | undefined {
    const root = this.#process.child.pid;
    if (!this.#isSandboxed || root === undefined) return pid;
    return hostProcess(root, pid);
  }

  /** How it ended, if that is why a worker did not come. @throws {AmphisError} PYTHON_NOT_FOUND, WORKER_START_FAILED */
  async witness(): Promise<Evidence | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
    });
    const exit = await Promise.race([this.#process.exited, patience]);
    clearTimeout(timer);
    if (this.#process.failure !== undefined) throw this.#process.failure;
    if (exit === undefined) return undefined;
    await this.#tail.complete(PATIENCE_MS);
    return { what: "the warden", exit, stderr: this.#tail.text };
  }

  /** Ends it, whatever it imports at the moment, and with it every worker that it forked. */
  async close(): Promise<void> {
    this.#process.child.ref();
    this.#process.child.kill("SIGKILL");
    await this.#process.exited;
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#exit?.close();
    this.#native.core.closeDescriptor(this.#socket);
  }
}

/** Starts the interpreter, within a sandbox where there is one. */
function startIn(
  sandbox: Sandbox | undefined,
  spec: WorkerSpec,
  args: readonly string[],
  [stderr, socket]: readonly [number, number],
): InterpreterProcess {
  const stdio: StdioOptions = ["ignore", "ignore", stderr, socket];
  if (sandbox === undefined) return new InterpreterProcess(spec, args, stdio);
  return withFilter((filter) => {
    const { command, args: all } = sandbox.wrap(spec.python, args, FILTER);
    // The folder that workers run in is there only within.
    const outer = { ...spec, python: command, cwd: undefined };
    return new InterpreterProcess(outer, all, [...stdio, filter]);
  });
}
