import { randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";

const NAME_BYTES = 6;
const NAME = /^amphis-(\d+)-(\d+)-(\d+)-(\w+)$/u;

/** A name for one more group of this process, which may have several copies of this code in it. */
export function newName(): string {
  return ownPrefix() + randomBytes(NAME_BYTES).toString("hex");
}

/** Beginning of the names of this process's groups: no other process, now or later, in this or another container, has the same. */
export function ownPrefix(): string {
  return `amphis-${namespaceOf()}-${process.pid}-${startedAt(process.pid) ?? 0}-`;
}

/**
 * Whether a group is of a process that has ended, so that nobody will remove it.
 *
 * Those of other containers are not judged, as their processes cannot be seen.
 */
export function isLeftOver(name: string): boolean {
  const [, namespace, pid, started] = NAME.exec(name) ?? [];
  if (namespace === undefined || namespace !== namespaceOf()) return false;
  return startedAt(Number(pid)) !== started;
}

/** Of the numbers of processes. */
function namespaceOf(): string {
  return /\d+/u.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
}

/** When a process began, in ticks since the start of the machine: with its number that is one process. */
function startedAt(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    // Its name, in brackets, may have anything in it.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
