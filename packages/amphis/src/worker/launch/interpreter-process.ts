import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";

import { spawnFailed } from "./failure.ts";
import type { ProcessExit, WorkerSpec } from "./launcher.ts";

/** An interpreter that this program has started, in a session of its own: Ctrl-C in the terminal is not for it. */
export class InterpreterProcess {
  readonly child: ChildProcess;
  /** Never rejects. */
  readonly exited: Promise<ProcessExit>;
  #failure: Error | undefined;

  constructor(spec: WorkerSpec, args: readonly string[], stdio: StdioOptions) {
    const { python, cwd, env } = spec;
    this.child = spawn(python, args, { stdio, detached: true, cwd, env });
    this.exited = new Promise((resolve) => {
      this.child.once("error", (error) => {
        this.#failure = spawnFailed(spec, error);
        resolve({});
      });
      this.child.once("exit", (exitCode, signal) => {
        if (signal !== null) resolve({ signal });
        else resolve(exitCode === null ? {} : { exitCode });
      });
    });
  }

  /** Why it could not be started. */
  get failure(): Error | undefined {
    return this.#failure;
  }
}
