import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

import { Host } from "../host.ts";

/*
 * A host that starts its guests itself, and has memory with each of them when it says so.
 */

/** What it is started with. */
export interface ParentPlan {
  readonly folder: string;
  /** Each: the command line of a guest, which gets the address behind `program`. */
  readonly guests: readonly (readonly [program: string, ...args: string[]])[];
}

/** What it says when all guests have come. */
export interface ParentNews {
  readonly pids: readonly number[];
}

const plan = JSON.parse(process.argv[2] ?? "") as ParentPlan;
const host = await Host.open({ folder: plan.folder });

function start([program, ...args]: ParentPlan["guests"][number]): ChildProcess {
  const own = args.map((arg) => (arg === "PARENT" ? String(process.pid) : arg));
  return spawn(program, own, { stdio: ["ignore", "inherit", "inherit"] });
}

const pids: number[] = [];
for (const child of plan.guests.map(start)) {
  const pid = child.pid ?? 0;
  pids.push(pid);
  const session = await host.session(pid, once(child, "exit"));
  if (session === undefined) throw new Error("Cannot go on: a guest is gone");
  const lease = host.memory.arena.allocate(1_000_000);
  lease.bytes.fill(1);
  // The guest is in the middle of it, or never looks at it.
  session.call("check", [1, 1_000_000], lease);
}
process.send?.({ pids });
