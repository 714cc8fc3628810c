import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";

import { runtimeScript, StderrTail } from "../../worker/index.ts";
import { readLines } from "./read-lines.ts";

/** What one process is asked to describe. */
export interface Request {
  readonly library: string;
  readonly python: string;
  readonly cwd: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Further folders in which libraries and stubs are looked for. */
  readonly path: readonly string[];
  /** Modules that ended an earlier process, and how. */
  readonly skipped: ReadonlyMap<string, string>;
  /** Longest that one module may take to be imported or described. */
  readonly importTimeoutMs: number;
}

/** How a process ended that was to describe a library. */
export type Outcome =
  /** `model` is the text of a packed model, in ASCII, of which V8 makes objects twice as fast. */
  | { readonly kind: "described"; readonly model: string; readonly files: readonly string[] }
  | { readonly kind: "missing"; readonly suggestions: readonly string[] }
  | { readonly kind: "failed"; readonly reason: string; readonly stderr: string }
  /** It ended, or was ended, in a module. */
  | {
      readonly kind: "died";
      readonly module: string;
      readonly reason: string;
      readonly stderr: string;
    };

const SCRIPT = "amphis/_internal/library/start.py";
const OUT = 3;
/** A process that has escaped may hold a pipe for ever. */
const PATIENCE_MS = 5_000;

/**
 * Has a process of its own import and describe a library, and never throws.
 *
 * Modules of users may print, exit, crash, hang or start others: the process and its children are killed whatever happens, and what it
 * says is judged by whoever gets it.
 */
export function describeInProcess(
  request: Request,
  signal: AbortSignal,
  onModule: (module: string) => void,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = start(request);
    const run = new Run(child, request.importTimeoutMs, onModule);
    const end = (): void => run.kill("it was told to stop");
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    child.once("error", (error) => run.fail(error.message));
    void run.ended.then((outcome) => {
      signal.removeEventListener("abort", end);
      resolve(outcome);
    });
  });
}

function start({ library, python, cwd, env, path, skipped }: Request): ChildProcess {
  const args = [
    runtimeScript(SCRIPT),
    `library=${library}`,
    `out=${OUT}`,
    ...path.map((folder) => `path=${folder}`),
    ...[...skipped].map(([module, reason]) => `skip=${module}=${reason}`),
  ];
  return spawn(python, args, {
    cwd,
    env: { ...env },
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    // A group of its own, which is killed as one.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
}

class Run {
  readonly ended: Promise<Outcome>;
  readonly #child: ChildProcess;
  readonly #stderr: StderrTail | undefined;
  readonly #importTimeoutMs: number;
  readonly #onModule: (module: string) => void;
  #module: string | undefined;
  #said: Outcome | undefined;
  /** Said before the model, which is the line after it. */
  #files: readonly string[] | undefined;
  #reason: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #settle: (outcome: Outcome) => void = () => undefined;
  /** What was written before the end is read, or nobody will write it any more. */
  readonly #isRead: Promise<void>;

  constructor(child: ChildProcess, importTimeoutMs: number, onModule: (module: string) => void) {
    this.#child = child;
    this.#importTimeoutMs = importTimeoutMs;
    this.#onModule = onModule;
    this.ended = new Promise((resolve) => (this.#settle = resolve));
    this.#watch();
    const [, , stderr, out] = child.stdio as readonly (Readable | null | undefined)[];
    this.#stderr = stderr instanceof Object ? new StderrTail(stderr) : undefined;
    const tooMuch = (): void => this.kill("it said more than a description may be long");
    this.#isRead = new Promise((resolve) => out?.once("close", resolve) ?? resolve());
    if (out instanceof Object) readLines(out, (line) => this.#take(line), tooMuch);
    child.once("exit", (code, signal) => void this.#exited(code, signal));
  }

  fail(reason: string): void {
    this.#finish({ kind: "failed", reason, stderr: this.#stderr?.text ?? "" });
  }

  /** Ends the process and whatever it has started. */
  kill(reason: string): void {
    this.#reason ??= reason;
    killGroup(this.#child);
  }

  #watch(): void {
    clearTimeout(this.#timer);
    const reason = `it took longer than ${this.#importTimeoutMs} ms`;
    this.#timer = setTimeout(() => this.kill(reason), this.#importTimeoutMs);
  }

  #take(line: Buffer): void {
    if (this.#said !== undefined) return;
    if (this.#files !== undefined) {
      this.#said = { kind: "described", model: line.toString("latin1"), files: this.#files };
      return;
    }
    const said = read(line);
    if (typeof said === "string") {
      this.#module = said;
      this.#watch();
      this.#onModule(said);
    } else if (said === undefined) {
      this.kill("it said what is no description");
    } else if ("files" in said) {
      this.#files = said.files;
    } else {
      this.#said = said;
    }
  }

  async #exited(code: number | null, signal: string | null): Promise<void> {
    clearTimeout(this.#timer);
    // What it has started ends with it.
    killGroup(this.#child);
    const timer = setTimeout(() => this.#destroy(), PATIENCE_MS);
    await this.#isRead;
    clearTimeout(timer);
    await this.#stderr?.complete(PATIENCE_MS);
    const stderr = this.#stderr?.text ?? "";
    if (this.#reason === undefined && this.#said !== undefined) {
      this.#finish(this.#said.kind === "failed" ? { ...this.#said, stderr } : this.#said);
      return;
    }
    const how =
      signal === null
        ? `it ended the process with ${code ?? "no code"}`
        : `${signal} ended the process`;
    const reason = this.#reason ?? how;
    const module = this.#module;
    this.#finish(
      module === undefined
        ? { kind: "failed", reason, stderr }
        : { kind: "died", module, reason, stderr },
    );
  }

  #finish(outcome: Outcome): void {
    clearTimeout(this.#timer);
    this.#destroy();
    this.#settle(outcome);
  }

  #destroy(): void {
    for (const stream of this.#child.stdio) stream?.destroy();
  }
}

interface Files {
  readonly files: readonly string[];
}

/** A line: the module that is being looked at, how it ended, or nothing that makes sense. */
function read(line: Buffer): string | Outcome | Files | undefined {
  let said: unknown;
  try {
    said = JSON.parse(line.toString());
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null) return undefined;
  const { at, files, missing, failed } = said as Readonly<Record<string, unknown>>;
  if (typeof at === "string") return at;
  if (typeof failed === "string") return { kind: "failed", reason: failed, stderr: "" };
  if (isTexts(missing)) return { kind: "missing", suggestions: missing };
  return isTexts(files) ? { files } : undefined;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function killGroup(child: ChildProcess): void {
  try {
    const hasGroup = process.platform !== "win32" && child.pid !== undefined;
    if (hasGroup) process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}
