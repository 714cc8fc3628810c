import { afterAll, beforeAll, expect, test } from "vitest";

import { until } from "../wait.ts";
import { describeCrashes } from "./described.ts";
import type { NurseryGuest } from "./nursery.ts";
import { filled } from "./pattern.ts";
import { perform, takeAll } from "./perform.ts";
import { Scene, turns, within } from "./scene.ts";
import {
  type GuestSchedule,
  guestsKilled,
  type Kill,
  planOf,
  type Schedule,
  seeds,
} from "./schedule.ts";
import type { Session } from "./session.ts";
import { Stage } from "./stage.ts";

const WATCHDOG_MS = 20_000;
/** How a call may end whose guest dies. */
const TYPED = new Set(["PEER_LOST", "CONNECTION_CLOSED", "FRAME_TRUNCATED"]);
const schedules = seeds(1, 150, 3_750)
  .map(guestsKilled)
  .map((schedule) => [schedule.title, schedule] as const);

let scene: Scene;
let bytes = 0;

/** For a guest that is killed from outside: to be called when one of its operations has begun. */
function doom(guest: NurseryGuest, kill: Kill | undefined): () => void {
  let begun = 0;
  return () => {
    begun += 1;
    const { waiting } = scene.host.memory.arena.stats();
    if (kill?.how === "starving" && waiting > 0) guest.kill();
    if (kill?.how !== "outside" || begun !== kill.operations) return;
    void turns(kill.turns).then(() => guest.kill());
  };
}

/** A guest that stands still in the middle of something: its rings are filled, then it dies. */
async function killStopped(
  guest: NurseryGuest,
  arriving: Promise<Session | undefined>,
): Promise<void> {
  await guest.stopped;
  const session = await Promise.race([arriving, turns(3).then(() => undefined)]);
  // More than a connection holds: the last wait to be accepted.
  for (let call = 0; call < 10; call += 1) {
    session?.call("check", [0, 200_000], filled(0, 200_000), "inline");
  }
  await turns(3);
  guest.kill();
}

async function live(stage: Stage, each: GuestSchedule): Promise<void> {
  const { kill, script, ringBytes } = each;
  const guest = await scene.nursery.start(planOf(each, [scene.address(ringBytes)]));
  const arriving = scene.host.session(guest.pid, guest.ended);
  if (kill?.how === "stop") void killStopped(guest, arriving);
  const session = await arriving;
  if (session === undefined) {
    expect(await guest.ended).toBe(9);
    return;
  }
  await perform({ stage, session, begun: doom(guest, kill) }, script);
  if (kill === undefined) await leave(guest, session);
  else await die(guest, session);
  expect(session.problems).toEqual([]);
}

/** One that nothing happened to has lost nothing, and still works. */
async function leave(guest: NurseryGuest, session: Session): Promise<void> {
  expect(session.connection.state).toEqual({ kind: "open" });
  expect(session.lost).toEqual([]);
  await session.call("recheck", []).answer;
  await session.connection.close();
  expect(await guest.ended).toBe(0);
}

async function die(guest: NurseryGuest, session: Session): Promise<void> {
  guest.kill();
  expect(await guest.ended).toBe(9);
  await session.settled();
  // At once, and not when what the host forgot is collected.
  const { holder } = session.connection.memory ?? {};
  const { holders } = scene.host.memory.arena.stats();
  expect(holders.find((each) => each.holder === holder)?.leases ?? 0).toBe(0);
  expect(session.lost.filter((code) => !TYPED.has(code))).toEqual([]);
}

async function run(schedule: Schedule): Promise<void> {
  const stage = new Stage(scene.host.memory, schedule.seed);
  await Promise.all(schedule.guests.map((each) => live(stage, each)));
  stage.letGo();
  bytes += stage.bytes;
  expect(stage.problems).toEqual([]);
  expect(await scene.settled()).toEqual(scene.nothing);
}

describeCrashes("a host whose guests are killed", () => {
  beforeAll(async () => {
    scene = await Scene.open();
  });

  afterAll(async () => scene[Symbol.asyncDispose]());

  test.each(schedules)("loses nothing but their calls: %s", async (_, schedule) => {
    const what = (): string => JSON.stringify([schedule, scene.holdings()]);
    await within(WATCHDOG_MS, what, run(schedule));
  });

  test("waits no longer for memory that only a dead guest has asked for", async () => {
    const { arena } = scene.host.memory;
    const guest = await scene.nursery.start({ addresses: [scene.address(16_384)] });
    const session = await scene.host.session(guest.pid, guest.ended);
    if (session === undefined) throw new Error("Cannot go on: the guest is gone");
    const held = takeAll(scene.host.memory);
    const { answer } = session.call("make", [1, 300_000]);
    await until(() => arena.stats().waiting === 1);
    guest.kill();
    await expect(answer).rejects.toMatchObject({ code: "PEER_LOST" });
    expect(arena.stats().waiting).toBe(0);
    for (const lease of held) lease.release();
    await guest.ended;
    await session.settled();
    expect(await scene.settled()).toEqual(scene.nothing);
  });

  test("has used the same memory again and again, and no process is left", async () => {
    const { arena } = scene.host.memory;
    if (schedules.length > 100) expect(bytes).toBeGreaterThan(16_777_216);
    arena.trim(0);
    expect(arena.stats().residentBytes).toBe(0);
    expect(await scene.orphans()).toEqual([]);
  });
});
