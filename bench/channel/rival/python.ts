import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../../channel/peer.py", import.meta.url));

/** Starts one kind of peer. */
export function startPython(
  args: readonly (string | number)[],
  stdio: SpawnOptions["stdio"] = ["ignore", "inherit", "inherit"],
): ChildProcess {
  const python = process.env["AMPHIS_PYTHON"] ?? "python3";
  return spawn(python, [PROGRAM, ...args.map(String)], { stdio });
}

export async function stopPython(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill();
  await exited;
}

/** Waits for something that a peer brings; its end is an error. */
export async function fromPeer<T>(child: ChildProcess, arrival: Promise<T>): Promise<T> {
  const ended = new AbortController();
  const death = once(child, "exit", { signal: ended.signal }).then(([code]) => {
    throw new Error(`Cannot go on: the Python side ended with ${String(code)}`);
  });
  try {
    return await Promise.race([arrival, death]);
  } finally {
    ended.abort();
    death.catch(() => undefined);
  }
}
