import { readFileSync } from "node:fs";

const MOST_PROCESSES = 10_000;

/**
 * The number that a process of a sandbox has out here.
 *
 * @param root of the sandbox: bubblewrap
 * @param inner its number in there
 * @returns undefined where the system does not tell, and after its end
 */
export function hostProcess(root: number, inner: number): number | undefined {
  const frontier = [root];
  for (let looked = 0; looked < MOST_PROCESSES; looked += 1) {
    const process = frontier.shift();
    if (process === undefined) return undefined;
    const [, numbers = ""] = /^NSpid:\s+(.+)$/mu.exec(textOf(`/proc/${process}/status`)) ?? [];
    const all = numbers.split(/\s+/u);
    if (all.length > 1 && all.at(-1) === String(inner)) return process;
    const children = textOf(`/proc/${process}/task/${process}/children`).trim();
    if (children !== "") frontier.push(...children.split(" ").map(Number));
  }
  return undefined;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
