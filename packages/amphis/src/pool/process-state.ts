import { readFileSync } from "node:fs";

/** What the system says of a process: it may compute, it was stopped, or there is none. */
export type ProcessState = "running" | "stopped" | "gone";

/** Reads it where the system tells; elsewhere a process is taken to be running. */
export function processState(pid: number): ProcessState {
  if (process.platform !== "linux") return "running";
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return "gone";
  }
  // The name, in parentheses, may hold anything.
  const letter = stat.charAt(stat.lastIndexOf(")") + 2);
  if (letter === "T" || letter === "t") return "stopped";
  return letter === "Z" || letter === "X" ? "gone" : "running";
}
