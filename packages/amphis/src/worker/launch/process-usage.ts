import { readFileSync } from "node:fs";

/** Linux tells times in hundredths of a second to every program, whatever it counts in itself. */
const TICK_MS = 10;
const USER_TIME = 11;

/** Memory and computing time of a process; undefined where the system does not tell, and after its end. */
export function processUsage(
  pid: number,
): { readonly rssBytes: number; readonly cpuMs: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/mu.exec(status) ?? [];
    // The name of the program stands in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = Number(fields[USER_TIME]) + Number(fields[USER_TIME + 1]);
    if (kilobytes === undefined) return undefined;
    return { rssBytes: Number(kilobytes) * 1_024, cpuMs: ticks * TICK_MS };
  } catch {
    return undefined;
  }
}
