/*
 * Where groups for workers can be made: a folder of cgroup v2 whose children have the controllers for memory and processes.
 *
 * The group of this process comes first, so that what bounds this program bounds its workers too. A group with processes in it cannot have
 * children with controllers, but for the root: where there are none but this process and those that it started, they move into a child of
 * it, as every program does that is delegated a group. Else a group above serves that has such children already, as those of systemd have,
 * but only if no group on the way to there has a limit, which workers would escape.
 */

import { accessSync, constants, mkdirSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { mountedGroup, wordsOf } from "./mounted-group.ts";
import { isLeftOver, newName, ownPrefix } from "./names.ts";

/** Whether the kernel can hold a worker, and all that it starts, to limits together. */
export type ControlGroupSupport =
  | { readonly isAvailable: true; readonly folder: string }
  | { readonly isAvailable: false; readonly missing: string };

const CONTROLLERS = ["memory", "pids"] as const;
const LIMITS = ["memory.max", "memory.high", "memory.swap.max", "pids.max", "cpu.max"] as const;
const PROGRAM = "program";

let known: ControlGroupSupport | undefined;

/** Finds the place, once, by trying; what programs that were killed left there is removed. */
export function controlGroupSupport(): ControlGroupSupport {
  if (known === undefined) {
    known = find();
    if (known.isAvailable) removeLeftOvers(known.folder);
  }
  return known;
}

function find(): ControlGroupSupport {
  if (process.platform !== "linux") return missing(`Linux: this is ${process.platform}`);
  const mounted = mountedGroup();
  if (mounted === undefined) return missing("a mounted cgroup v2 hierarchy");
  const { own, mount } = mounted;
  const lacks = CONTROLLERS.filter((name) => !wordsOf(own, "cgroup.controllers").includes(name));
  if (lacks.length > 0) {
    return missing(`cgroup v2 with the controllers ${lacks.join(", ")}, which ${own} has not`);
  }
  let why: unknown;
  for (const folder of candidates(mount, hasMadeWay(own) ? dirname(own) : own)) {
    try {
      if (folder === own) enable(own);
      tryOut(folder);
      return { isAvailable: true, folder };
    } catch (error) {
      why ??= error;
    }
  }
  return missing(`a control group that this user may divide: ${(why as Error).message}`);
}

/** Whether another copy of this code in this process has moved it. */
function hasMadeWay(own: string): boolean {
  return basename(own) === ownPrefix() + PROGRAM;
}

/** Nearest first. */
function candidates(mount: string, own: string): readonly string[] {
  const folders = [own];
  let folder = own;
  while (folder !== mount && !hasLimit(folder)) {
    folder = dirname(folder);
    if (isEnabled(folder)) folders.push(folder);
  }
  return folders;
}

function hasLimit(folder: string): boolean {
  return LIMITS.some((file) => (wordsOf(folder, file)[0] ?? "max") !== "max");
}

function isEnabled(folder: string): boolean {
  const enabled = wordsOf(folder, "cgroup.subtree_control");
  return CONTROLLERS.every((name) => enabled.includes(name));
}

function enable(own: string): void {
  if (isEnabled(own)) return;
  const write = (): void =>
    writeFileSync(
      join(own, "cgroup.subtree_control"),
      CONTROLLERS.map((name) => `+${name}`).join(" "),
    );
  try {
    write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
    makeWay(own);
    write();
  }
}

/** Moves this process, and those that it started, into a group of their own. */
function makeWay(own: string): void {
  const processes = wordsOf(own, "cgroup.procs").map(Number);
  const family = familyOf(process.pid);
  const others = processes.filter((pid) => !family.has(pid));
  if (others.length > 0) {
    throw new Error(`${own} has processes of others (${others.slice(0, 3).join(", ")})`);
  }
  const leaf = join(own, ownPrefix() + PROGRAM);
  mkdirSync(leaf);
  for (const pid of processes) {
    try {
      writeFileSync(join(leaf, "cgroup.procs"), String(pid));
    } catch (error) {
      // It has ended meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** A process with all that descend from it. */
function familyOf(root: number): ReadonlySet<number> {
  const family = new Set([root]);
  // What is added is walked through too.
  for (const pid of family) {
    for (const thread of threadsOf(pid)) {
      for (const child of wordsOf(`/proc/${pid}/task/${thread}`, "children")) {
        family.add(Number(child));
      }
    }
  }
  return family;
}

function threadsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Makes a group there, with a limit, and removes it. */
function tryOut(folder: string): void {
  const group = join(folder, newName());
  mkdirSync(group);
  try {
    writeFileSync(join(group, "memory.max"), "max");
    writeFileSync(join(group, "pids.max"), "max");
    // Who moves a process must be able to write there.
    accessSync(join(folder, "cgroup.procs"), constants.W_OK);
  } finally {
    rmdirSync(group);
  }
}

function removeLeftOvers(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!isLeftOver(name)) continue;
    try {
      // What lives in that of a program may be of anybody; a worker ends with its program.
      if (!name.endsWith(PROGRAM)) writeFileSync(join(folder, name, "cgroup.kill"), "1");
      rmdirSync(join(folder, name));
    } catch {
      // Not yet empty, or gone: the next program tries again.
    }
  }
}

function missing(what: string): ControlGroupSupport {
  return { isAvailable: false, missing: what };
}
