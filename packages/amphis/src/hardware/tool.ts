import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";

const HAS_GROUPS = process.platform !== "win32";

/** How the run of a vendor's tool ended. */
export type ToolResult =
  | {
      readonly kind: "ended";
      readonly exitCode: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: "missing" }
  | { readonly kind: "timeout"; readonly timeoutMs: number }
  | { readonly kind: "failed"; readonly detail: string };

export interface ToolOptions {
  /** Environment of the tool; `PATH` in it says where the tool is. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** A tool that says more than this is not believed. @default 4 MiB */
  readonly maxBytes?: number | undefined;
}

/**
 * Runs a tool that may be missing, broken, or hang for ever, and never throws.
 *
 * A tool of a broken driver can hang where no signal reaches it. It is killed with its children and left then, and keeps neither this
 * process alive nor anybody waiting.
 */
export function runTool(
  tool: string,
  args: readonly string[],
  { env, timeoutMs, maxBytes = 4 * 1024 * 1024 }: ToolOptions,
): Promise<ToolResult> {
  return new Promise((resolve) => {
    const child = start(tool, args, env);
    const give = (result: ToolResult): void => {
      clearTimeout(timer);
      if (result.kind !== "ended") leave(child);
      resolve(result);
    };
    const timer = setTimeout(() => give({ kind: "timeout", timeoutMs }), timeoutMs);
    const output = listen(child, maxBytes, () =>
      give({ kind: "failed", detail: `it wrote more than ${maxBytes} bytes` }),
    );
    child.on("error", (error: NodeJS.ErrnoException) =>
      give(
        error.code === "ENOENT" ? { kind: "missing" } : { kind: "failed", detail: error.message },
      ),
    );
    child.on("close", (exitCode, signal) =>
      give(
        exitCode === null
          ? { kind: "failed", detail: `it was ended by ${signal ?? "a signal"}` }
          : { kind: "ended", exitCode, ...output() },
      ),
    );
  });
}

function start(tool: string, args: readonly string[], env: ToolOptions["env"]): ChildProcess {
  return spawn(tool, args, {
    // Numbers and messages in the form that is known.
    env: { ...env, LC_ALL: "C" },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, which is killed as one.
    detached: HAS_GROUPS,
    windowsHide: true,
  });
}

/** Without descriptors left there is a child without streams, and an error to come. */
function listen(
  { stdout, stderr }: ChildProcess,
  maxBytes: number,
  tooMuch: () => void,
): () => { readonly stdout: string; readonly stderr: string } {
  let bytes = 0;
  const keep = (stream: Readable | null): Buffer[] => {
    const chunks: Buffer[] = [];
    stream?.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) tooMuch();
      else chunks.push(chunk);
    });
    return chunks;
  };
  const [out, err] = [keep(stdout), keep(stderr)];
  return () => ({ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() });
}

function leave(child: ChildProcess): void {
  try {
    if (HAS_GROUPS && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    else child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.unref();
}
