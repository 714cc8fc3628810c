import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";

const HAS_GROUPS = process.platform !== "win32";
/** What a tool says beyond this is dropped from the start: the end holds the reason. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/** Where and how tools run. */
export interface ToolSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
}

export interface ToolRun extends ToolSurroundings {
  /** What the tool reads from its standard input. @default nothing */
  readonly input?: string | undefined;
  /** Called with each line that the tool says, of both outputs. */
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface ToolEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a tool to its end, without a shell.
 *
 * When the signal fires the tool is killed with all its children; the promise is rejected once they are gone, so that nothing is still
 * written behind the back of the caller. The same happens to them when this process ends.
 *
 * @throws {Error} of the system when it cannot be started; the reason of the signal
 */
export function runTool(
  path: string,
  args: readonly string[],
  { env, cwd, signal, input, onLine }: ToolRun,
): Promise<ToolEnd> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, {
      env: { ...env },
      cwd,
      stdio: ["pipe", "pipe", "pipe"],
      detached: HAS_GROUPS,
      windowsHide: true,
    });
    const kill = (): void => killGroup(child);
    const settle = (): void => {
      signal?.removeEventListener("abort", kill);
      process.off("exit", kill);
    };
    signal?.addEventListener("abort", kill);
    process.on("exit", kill);
    const stdout = collect(child.stdout, onLine);
    const stderr = collect(child.stderr, onLine);
    // A tool that ends without reading leaves a broken pipe.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    child.on("error", (error) => {
      settle();
      reject(error);
    });
    child.on("close", (exitCode, killedBy) => {
      settle();
      if (signal?.aborted === true) reject(signal.reason as Error);
      else {
        const said = killedBy === null ? stderr() : `${stderr()}\nit was ended by ${killedBy}`;
        resolve({ exitCode: exitCode ?? -1, stdout: stdout(), stderr: said });
      }
    });
  });
}

function killGroup(child: ChildProcess): void {
  try {
    if (HAS_GROUPS && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}

function collect(stream: Readable, onLine: ((line: string) => void) | undefined): () => string {
  let text = "";
  let started = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    text = (text + chunk).slice(-MAX_CHARACTERS);
    if (onLine === undefined) return;
    const lines = (started + chunk).split("\n");
    started = (lines.pop() ?? "").slice(0, MAX_CHARACTERS);
    for (const line of lines) onLine(line.trimEnd());
  });
  return () => text;
}
