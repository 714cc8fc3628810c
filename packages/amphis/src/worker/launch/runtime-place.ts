import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * The script that a worker's interpreter runs: of the Python runtime within this package where it is installed, of that beside the packages
 * in the repository. It is run by its path, so no environment of Python has to know it.
 */
export function startScript(): string {
  const script = "amphis/_internal/worker/start.py";
  const packed = fileURLToPath(new URL(`../../runtime/${script}`, import.meta.url));
  if (existsSync(packed)) return packed;
  return fileURLToPath(new URL(`../../../../../python/src/${script}`, import.meta.url));
}
