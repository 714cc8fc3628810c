import { AmphisError } from "@amphis/protocol";

import type { WorkerSpec } from "../launcher.ts";
import { ControlGroup } from "./control-group.ts";
import { controlGroupSupport } from "./place.ts";

/**
 * Makes sure that the kernel can hold workers to their limits as a group, where that is asked for.
 *
 * @throws {AmphisError} ISOLATION_UNSUPPORTED
 * @throws {TypeError} where there is no limit that a group could hold
 */
export function expectControlGroups({ isolation = "none", limits }: WorkerSpec): void {
  if (limits?.hard !== true) return;
  if (limits.memoryBytes === undefined && limits.processes === undefined) {
    throw new TypeError("Cannot hold workers to hard limits: give memoryBytes or processes");
  }
  const support = controlGroupSupport();
  if (support.isAvailable) return;
  const lacks = `${support.missing}; without limits.hard, limits bind each process by itself`;
  const message = `Cannot hold workers to hard limits: this lacks ${lacks}`;
  throw new AmphisError("ISOLATION_UNSUPPORTED", message, {
    isolation,
    missing: [support.missing],
  });
}

/** The folder that the groups of such workers are made in; undefined where they have none. */
export function groupPlace({ isolation = "none", limits = {} }: WorkerSpec): string | undefined {
  const { memoryBytes, processes, hard = isolation === "sandboxed" } = limits;
  // Without the controllers' limits there is nothing that a group would hold.
  if (!hard || (memoryBytes === undefined && processes === undefined)) return undefined;
  const support = controlGroupSupport();
  return support.isAvailable ? support.folder : undefined;
}

/** Puts a worker into a group of its own, where such workers have one. @throws {Error} the system's */
export function groupWorker(spec: WorkerSpec, pid: number | undefined): ControlGroup | undefined {
  const place = groupPlace(spec);
  if (place === undefined) return undefined;
  if (pid === undefined) throw new Error("nobody knows the number of its process out here");
  const group = new ControlGroup(place, spec.limits ?? {});
  try {
    group.add(pid);
  } catch (error) {
    group.remove();
    throw error;
  }
  return group;
}
