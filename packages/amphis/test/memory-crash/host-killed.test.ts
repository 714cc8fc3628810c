import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { afterAll, beforeAll, expect, test } from "vitest";

import { describeCrashes } from "./described.ts";
import { Host } from "./host.ts";
import type { NurseryGuest } from "./nursery.ts";
import { perform } from "./perform.ts";
import { useProgram } from "./programs.ts";
import type { HostGuests, HostNews, HostPlan } from "./programs/host.ts";
import { Random } from "./random.ts";
import { Scene, within } from "./scene.ts";
import { type HostSchedule, hostKilled, seeds } from "./schedule.ts";
import { scriptOf } from "./script.ts";
import { Stage } from "./stage.ts";
import { processesThatMap, regionsOf } from "./usage.ts";

const WATCHDOG_MS = 25_000;
/** How a session may end whose host dies, from its first attempt to connect on. */
const TYPED = new Set(["CONNECT_FAILED", "CONNECTION_CLOSED", "PEER_LOST", "FRAME_TRUNCATED"]);
const schedules = seeds(100_001, 50, 1_250)
  .map(hostKilled)
  .map((schedule) => [schedule.title, schedule] as const);

let program: string;
let scene: Scene;

/** A host in a process of its own. */
interface Victim {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  /** What it complained of, when it has ended. */
  readonly complaints: Promise<string>;
  readonly folder: string;
}

async function startHost({ seed, at, cut }: HostSchedule): Promise<Victim> {
  const folder = mkdtempSync(join(tmpdir(), "amphis-crash-host-"));
  const plan: HostPlan = { folder, seed, hazard: { at, cut } };
  const child = fork(program, [JSON.stringify(plan)], {
    // What was on its way is collected at any moment; warnings of that are no complaint.
    stdio: ["ignore", "inherit", "pipe", "ipc"],
    env: { ...process.env, NODE_ENV: "production", AMPHIS_CRASH_FOLDER: scene.folder },
  });
  const { stderr } = child;
  if (stderr === null) throw new Error("Cannot hear host");
  const victim = { child, exited: once(child, "exit"), complaints: text(stderr), folder };
  await Promise.race([once(child, "message"), victim.exited]);
  return victim;
}

/** Lets the host play with its guests, until it dies. */
async function play(
  { child, exited }: Victim,
  guests: readonly NurseryGuest[],
  schedule: HostSchedule,
): Promise<void> {
  let begun = 0;
  child.on("message", ({ said }: HostNews) => {
    if (said === "begun") begun += 1;
    const isDue = begun > 0 && begun === schedule.operations;
    if (isDue || said === "done") child.kill("SIGKILL");
  });
  const message: HostGuests = {
    guests: schedule.guests.flatMap((each, at) => {
      const guest = guests[at];
      return guest === undefined ? [] : [{ pid: guest.pid, schedule: each }];
    }),
  };
  if (child.connected) child.send(message, () => undefined);
  await exited;
}

/** A guest whose host died comes here, says how it went, and works on. */
async function survive(stage: Stage, guest: NurseryGuest): Promise<void> {
  const session = await scene.host.session(guest.pid, guest.ended);
  expect(session, "the guest came to its next host").toBeDefined();
  if (session === undefined) return;
  const [record] = (await session.call("history", []).answer) as unknown as [
    { readonly code: string },
  ];
  expect(record).toEqual({
    code: expect.any(String) as string,
    left: { descriptors: 0, mappings: 0 },
  });
  expect(TYPED).toContain(record.code);
  const script = scriptOf(new Random(guest.pid), 16_384);
  await perform({ stage, session, begun: () => undefined }, { ...script, lanes: 1 });
  expect(session.lost).toEqual([]);
  await session.connection.close();
  expect(await guest.ended).toBe(0);
  expect(session.problems).toEqual([]);
}

async function run(schedule: HostSchedule): Promise<void> {
  const victim = await startHost(schedule);
  const guests = await Promise.all(
    schedule.guests.map(({ ringBytes }) => {
      const addresses = [Host.address(victim.folder, ringBytes), scene.address(16_384)];
      return scene.nursery.start({ addresses });
    }),
  );
  const regions = regionsOf(victim.child.pid ?? 0);
  await play(victim, guests, schedule);
  const stage = new Stage(scene.host.memory, schedule.seed);
  await Promise.all(guests.map((guest) => survive(stage, guest)));
  stage.letGo();
  expect(stage.problems).toEqual([]);
  expect(await victim.complaints).toBe("");
  expect(processesThatMap(regions)).toEqual([]);
  rmSync(victim.folder, { recursive: true, force: true });
  expect(await scene.settled()).toEqual(scene.nothing);
}

describeCrashes("guests whose host is killed", () => {
  program = useProgram("host");

  beforeAll(async () => {
    scene = await Scene.open();
  });

  afterAll(async () => scene[Symbol.asyncDispose]());

  test.each(schedules)("keep nothing of it, and go on with another: %s", async (_, schedule) => {
    const what = (): string => JSON.stringify([schedule, scene.holdings()]);
    await within(WATCHDOG_MS, what, run(schedule));
  });

  test("leave no process and no file", async () => {
    expect(await scene.orphans()).toEqual([]);
  });
});
