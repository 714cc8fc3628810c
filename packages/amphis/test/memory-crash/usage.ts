import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { isRunning } from "../processes.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Collects what is forgotten, and lets those hear of it who wait for that. */
export async function collect(): Promise<void> {
  gc();
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** What a process has open that belongs to channels. */
export interface SystemUsage {
  readonly memory: number;
  readonly doorbells: number;
  readonly sockets: number;
  /** Regions that are mapped. */
  readonly mapped: number;
}

export function systemUsage(pid: number | "self" = "self"): SystemUsage {
  const links = readdirSync(`/proc/${pid}/fd`).map((name) => linkOf(`/proc/${pid}/fd/${name}`));
  const count = (start: string): number => links.filter((link) => link.startsWith(start)).length;
  return {
    memory: count("/memfd:"),
    doorbells: count("pipe:"),
    sockets: count("socket:"),
    mapped: new Set(regionsOf(pid)).size,
  };
}

/** Inodes of anonymous memory that a process has mapped; none when it is gone. */
export function regionsOf(pid: number | string): readonly string[] {
  let maps = "";
  try {
    maps = readFileSync(`/proc/${pid}/maps`, "utf8");
  } catch {
    return [];
  }
  return maps
    .split("\n")
    .filter((line) => line.includes("/memfd:"))
    .map((line) => line.trim().split(/\s+/)[4] ?? "");
}

/** Processes that run and whose environment has this text. */
export function processesWith(text: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(text) && isRunning(pid);
      } catch {
        return false;
      }
    });
}

/** Processes that have one of these regions mapped. */
export function processesThatMap(inodes: readonly string[]): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .filter((name) => regionsOf(name).some((inode) => inodes.includes(inode)))
    .map(Number);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
