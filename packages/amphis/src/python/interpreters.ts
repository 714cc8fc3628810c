import type { ConfiguredEnvironment } from "../config/index.ts";
import { findPython } from "../worker/index.ts";
import type { PythonEnvironment, PythonOptions } from "./contract.ts";

/** The Pythons of one `openPython`. */
export interface Interpreters {
  readonly environments: readonly PythonEnvironment[];
  /** That of a pool. */
  of(pool: string): string;
}

/**
 * Finds the Python of each pool: that of its environment, which is made where it is not there yet, or the one that serves.
 *
 * Where no environment is configured, nothing of environments is loaded.
 */
export async function openInterpreters(
  { python, onProgress }: Pick<PythonOptions, "python" | "onProgress">,
  pools: readonly string[],
  needed: readonly ConfiguredEnvironment[] = [],
): Promise<Interpreters> {
  const environments = needed.length === 0 ? [] : await opened(needed, onProgress);
  const paths = new Map(
    environments.flatMap(({ pools: own, python: path }) =>
      own.map((pool) => [pool, path] as const),
    ),
  );
  const isFull = pools.every((pool) => paths.has(pool));
  const found = isFull ? "" : (await findPython({ python })).path;
  return { environments, of: (pool) => paths.get(pool) ?? found };
}

async function opened(
  needed: readonly ConfiguredEnvironment[],
  onProgress: PythonOptions["onProgress"],
): Promise<readonly PythonEnvironment[]> {
  const { openEnvironments } = await import("./environments.ts");
  return openEnvironments(needed, onProgress);
}
