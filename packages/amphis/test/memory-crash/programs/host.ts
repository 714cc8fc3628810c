import { writeSync } from "node:fs";

import { Host } from "../host.ts";
import { perform } from "../perform.ts";
import type { GuestSchedule } from "../schedule.ts";
import { Stage } from "../stage.ts";
import { type HostHazard, layHazard } from "./host-hazard.ts";

/*
 * A host in a process of its own, which is told who its guests are and does with them what their schedules say.
 */

/** What the host is started with. */
export interface HostPlan {
  readonly folder: string;
  readonly seed: number;
  readonly hazard: HostHazard;
}

/** What it is told when its guests were started. */
export interface HostGuests {
  readonly guests: readonly { readonly pid: number; readonly schedule: GuestSchedule }[];
}

/** What it says. */
export type HostNews = { readonly said: "listening" | "begun" | "done" };

const plan = JSON.parse(process.argv[2] ?? "") as HostPlan;
const say = (said: HostNews["said"]): void => void process.send?.({ said });

await layHazard(plan.hazard);
const host = await Host.open({
  folder: plan.folder,
  maxBytes: 16_777_216,
  regionBytes: 4_194_304,
  waitMs: 10_000,
});
const stage = new Stage(host.memory, plan.seed);

async function play({ pid, schedule }: HostGuests["guests"][number]): Promise<void> {
  const session = await host.session(pid, new Promise(() => undefined));
  if (session === undefined) return;
  await perform({ stage, session, begun: () => say("begun") }, schedule.script);
  complain(session.problems);
}

/** At once, as this process may not live to tell it otherwise. */
function complain(problems: readonly string[]): void {
  if (problems.length > 0) writeSync(2, `host of seed ${plan.seed}: ${problems.join("; ")}\n`);
}

process.on("message", (message: HostGuests) => {
  void Promise.all(message.guests.map(play)).then(() => {
    stage.letGo();
    complain(stage.problems);
    say("done");
  });
});
say("listening");
