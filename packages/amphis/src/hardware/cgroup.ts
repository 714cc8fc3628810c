import { posix } from "node:path";

import type { CpuLimits } from "./device.ts";
import type { Machine } from "./machine.ts";
import { amountOf } from "./probe.ts";

interface GroupLimits {
  readonly cores?: number | undefined;
  readonly memoryBytes?: number | undefined;
  readonly source: "cgroup v1" | "cgroup v2";
}

/** A control group, seen through a mount. */
interface Group {
  readonly version: 1 | 2;
  /** Folder of the mount; nothing above it can be seen. */
  readonly mount: string;
  /** Folder of the group; in the mount. */
  readonly folder: string;
}

/**
 * What the control groups that this process is in allow it.
 *
 * The tightest limit on the way from its group up to the mount holds, in v2 and in v1, which may both be there.
 */
export async function cgroupLimits(
  machine: Machine,
): Promise<Pick<CpuLimits, "memoryBytes" | "source"> & { readonly cores?: number | undefined }> {
  const [own, mounts] = await Promise.all([
    machine.read("/proc/self/cgroup"),
    machine.read("/proc/self/mountinfo"),
  ]);
  if (own === undefined || mounts === undefined) return { source: "none" };
  const limits: GroupLimits[] = [];
  for (const group of groupsOf(own, mounts)) {
    const { version } = group;
    const folders = foldersOf(group).map((folder) => limitsOf(machine, version, folder));
    limits.push(...(await Promise.all(folders)));
  }
  const cores = leastOf(limits.map((one) => one.cores));
  const memoryBytes = leastOf(limits.map((one) => one.memoryBytes));
  const holding = limits.find(
    (one) =>
      (cores !== undefined && one.cores === cores) ||
      (memoryBytes !== undefined && one.memoryBytes === memoryBytes),
  );
  return { cores, memoryBytes, source: holding?.source ?? "none" };
}

function leastOf(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/**
 * Of `/proc/self/cgroup`: `hierarchy:controllers:path`, with hierarchy 0 and no controllers for v2. Of `/proc/self/mountinfo`: id, parent,
 * device, root in the file system, mount point, options, any number of tags, `-`, type, source, options of the file system.
 */
function groupsOf(own: string, mountinfo: string): Group[] {
  const mounts = mountinfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ", 2);
    const [, , , root = "", point = ""] = before.split(" ");
    const [type = "", , options = ""] = after.split(" ");
    return type.startsWith("cgroup") ? [{ type, root, point, options: options.split(",") }] : [];
  });
  return own.split("\n").flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/u.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    const names = controllers.split(",");
    const version = controllers === "" ? 2 : 1;
    if (version === 1 && !names.includes("cpu") && !names.includes("memory")) return [];
    const mount = mounts.find(({ type, options }) =>
      version === 2
        ? type === "cgroup2"
        : type === "cgroup" && names.every((name) => options.includes(name)),
    );
    return mount === undefined
      ? []
      : [{ version, mount: mount.point, folder: folderIn(mount.point, mount.root, path) }];
  });
}

/** Within a container the path may be that outside of it, which its mount does not show. */
function folderIn(point: string, root: string, path: string): string {
  const inner = posix.relative(root, path);
  return inner.startsWith("..") ? point : posix.join(point, inner);
}

function foldersOf({ mount, folder }: Group): string[] {
  const folders = [mount];
  const names = posix
    .relative(mount, folder)
    .split("/")
    .filter((name) => name !== "");
  for (const name of names) folders.push(posix.join(folders.at(-1) ?? mount, name));
  return folders;
}

async function limitsOf(machine: Machine, version: 1 | 2, folder: string): Promise<GroupLimits> {
  const read = (name: string): Promise<string | undefined> =>
    machine.read(posix.join(folder, name));
  if (version === 2) {
    const [memory, cpu] = await Promise.all([read("memory.max"), read("cpu.max")]);
    const [quota, period] = cpu?.trim().split(/\s+/u) ?? [];
    return { source: "cgroup v2", cores: coresOf(quota, period), memoryBytes: amountOf(memory) };
  }
  const [memory, quota, period] = await Promise.all([
    read("memory.limit_in_bytes"),
    read("cpu.cfs_quota_us"),
    read("cpu.cfs_period_us"),
  ]);
  // No limit is the largest number of pages, some 9.2 EB: more digits than an amount has.
  return {
    source: "cgroup v1",
    cores: coresOf(quota, period),
    memoryBytes: amountOf(memory),
  };
}

/** In v2 no quota is `max`, in v1 -1. */
function coresOf(quota: string | undefined, period: string | undefined): number | undefined {
  const [used, whole] = [amountOf(quota), amountOf(period)];
  return used === undefined || whole === undefined || used === 0 || whole === 0
    ? undefined
    : used / whole;
}
