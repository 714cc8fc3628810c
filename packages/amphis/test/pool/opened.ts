import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

import { SharedMemory } from "../../src/memory/index.ts";
import { type CallOptions, type PoolOptions, WorkerPool } from "../../src/pool/index.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));

/** Opens a pool whose workers can call `work.py`; it is killed when the test is over. */
export async function opened(
  options: Omit<PoolOptions, "python"> & { readonly python?: string } = {},
): Promise<WorkerPool> {
  const memory = (await options.memory) ?? (await SharedMemory.open());
  const pool = await WorkerPool.open({
    python: process.env["AMPHIS_PYTHON"] ?? "python3",
    workers: 1,
    ...options,
    memory,
    path: [HERE, ...(options.path ?? [])],
  });
  onTestFinished(async () => {
    await pool.kill();
    memory.close();
  });
  return pool;
}

/** Calls a function of `work.py`, or of any module that is named. */
export function call(
  pool: WorkerPool,
  name: string,
  args: readonly unknown[] = [],
  options: CallOptions = {},
): Promise<unknown> {
  const work = {
    kind: "call",
    name,
    function: name.includes(":") ? name : `work:${name}`,
    args,
  } as const;
  return new Promise((resolve, reject) => pool.submit(work, options, { resolve, reject }));
}

/** A folder that is gone after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "amphis-pool-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Processes that descend from this one, dead ones that wait to be reaped left out. */
export function descendants(of: number = process.pid): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (state !== "Z") parents.set(Number(name), Number(parent));
    } catch {
      // It ended meanwhile.
    }
  }
  const found: number[] = [];
  for (const pid of parents.keys()) {
    for (let at = parents.get(pid); at !== undefined; at = parents.get(at)) {
      if (at === of) found.push(pid);
    }
  }
  return found;
}

/** Descriptors that this process has open. */
export function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
