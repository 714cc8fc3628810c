import { existsSync } from "node:fs";

import { AmphisError } from "@amphis/protocol";

import type { ProcessExit, WorkerSpec } from "./launcher.ts";

/** What `start.py` ends with under a Python that is too old. */
const TOO_OLD = 78;

/** A worker that did not come about, with what it said on standard error. */
export function startFailed(
  { pool = "" }: WorkerSpec,
  reason: string,
  stderr = "",
  cause?: unknown,
): AmphisError<"WORKER_START_FAILED"> {
  const context = { pool, reason, stderr };
  return new AmphisError("WORKER_START_FAILED", `Cannot start worker: ${reason}`, context, {
    cause,
  });
}

/** A process that could not even be spawned. */
export function spawnFailed(spec: WorkerSpec, cause: NodeJS.ErrnoException): AmphisError {
  const { python, cwd } = spec;
  // The system has one error for both.
  if (cwd !== undefined && !existsSync(cwd)) {
    return startFailed(spec, `the working directory ${cwd} does not exist`, "", cause);
  }
  if (cause.code !== "ENOENT" && cause.code !== "EACCES") {
    return startFailed(spec, cause.message, "", cause);
  }
  const reason =
    cause.code === "ENOENT" ? `${python} does not exist` : `${python} may not be executed`;
  return pythonNotFound([python], reason, cause);
}

/** How a process that had to do with a worker ended. */
export interface Evidence {
  /** The process, as a message names it. */
  readonly what: string;
  readonly exit: ProcessExit;
  readonly stderr: string;
}

/** A process that ended before its worker was there. */
export function endedEarly(spec: WorkerSpec, { what, exit, stderr }: Evidence): AmphisError {
  if (exit.exitCode === TOO_OLD) {
    const reason = stderr.trim().split("\n").at(-1) ?? "";
    return pythonNotFound([spec.python], reason.replace("Cannot start worker: ", ""));
  }
  return startFailed(
    spec,
    `${what} ended ${describeExit(exit)} before the worker was ready`,
    stderr,
  );
}

export function pythonNotFound(
  tried: readonly string[],
  reason: string,
  cause?: unknown,
): AmphisError<"PYTHON_NOT_FOUND"> {
  const message = `Cannot find Python 3.10 or newer: ${reason}`;
  return new AmphisError("PYTHON_NOT_FOUND", message, { tried: [...tried], reason }, { cause });
}

function describeExit({ exitCode, signal, isOutOfMemory }: ProcessExit): string {
  if (isOutOfMemory === true) return "for lack of memory";
  if (signal !== undefined) return `by ${signal}`;
  return exitCode === undefined ? "unseen" : `with exit code ${exitCode}`;
}
