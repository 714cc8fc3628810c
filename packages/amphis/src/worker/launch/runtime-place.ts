import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * A script of the Python runtime that an interpreter runs: within this package where it is installed, beside the packages in the
 * repository. It is run by its path, so no environment of Python has to know it.
 */
export function runtimeScript(script: string): string {
  const packed = fileURLToPath(new URL(`../../../dist/runtime/${script}`, import.meta.url));
  if (existsSync(packed)) return packed;
  return fileURLToPath(new URL(`../../../../../python/src/${script}`, import.meta.url));
}

/** The script that a worker's interpreter runs. */
export function startScript(): string {
  return runtimeScript("amphis/_internal/worker/start.py");
}
