import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { describeCrashes, PYTHON } from "./described.ts";
import { Host } from "./host.ts";
import { Nursery, type NurseryGuest } from "./nursery.ts";
import { filled } from "./pattern.ts";
import { perform } from "./perform.ts";
import { type GuestSchedule, type Kill, planOf, type Schedule, scheduleOf, seeds } from "./schedule.ts";
import type { Session } from "./session.ts";
import { Stage } from "./stage.ts";
import { collect, processesWith, type SystemUsage, systemUsage } from "./usage.ts";
import { within } from "./watchdog.ts";

const MARK = `AMPHIS_CRASH_SUITE=guest-${process.pid}`;
const WATCHDOG_MS = 20_000;
const SETTLE_MS = 5_000;
/** How a call may end whose guest dies. */
const TYPED = new Set(["PEER_LOST", "CONNECTION_CLOSED", "FRAME_TRUNCATED"]);
const schedules = seeds(1, 150, 3_750)
  .map(scheduleOf)
  .map((schedule) => [schedule.title, schedule] as const);

let folder: string;
let host: Host;
let nursery: Nursery;
let before: SystemUsage;
let sharedFiles: readonly string[];
let bytes = 0;

/** For a guest that is killed from outside: called when one of its operations has begun. */
function doom(guest: NurseryGuest, kill: Kill | undefined): () => void {
  let begun = 0;
  return () => {
    begun += 1;
    if (kill?.how === "starving" && host.memory.arena.stats().waiting > 0) guest.kill();
    if (kill?.how !== "outside" || begun !== kill.operations) return;
    void turns(kill.turns).then(() => guest.kill());
  };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((done) => setImmediate(done));
}

/** A guest that stands still in the middle of something: its rings are filled, then it dies. */
async function killStopped(
  guest: NurseryGuest,
  arriving: Promise<Session | undefined>,
): Promise<void> {
  await guest.stopped;
  const session = await Promise.race([arriving, turns(3).then(() => undefined)]);
  for (let call = 0; call < 20 && session?.connection.isFull === false; call += 1) {
    session.call("check", [0, 200_000], filled(0, 200_000), "inline");
  }
  await turns(3);
  guest.kill();
}

async function live(stage: Stage, each: GuestSchedule): Promise<Session | undefined> {
  const guest = await nursery.start(planOf(each, [Host.address(folder, each.ringBytes)]));
  const { kill } = each;
  const arriving = host.session(guest.pid, guest.ended);
  if (kill?.how === "stop") void killStopped(guest, arriving);
  const session = await arriving;
  if (session === undefined) {
    expect(await guest.ended).toBe(9);
    return undefined;
  }
  await perform({ stage, session, begun: doom(guest, kill) }, each.script);
  if (kill === undefined) {
    expect(session.lost.filter((code) => code !== "MEMORY_EXHAUSTED")).toEqual([]);
    await session.call("recheck", []).answer;
    await session.connection.close();
    expect(await guest.ended).toBe(0);
  } else {
    guest.kill();
    expect(await guest.ended).toBe(9);
    await session.settled();
    expect(session.lost.filter((code) => !TYPED.has(code))).toEqual([]);
  }
  expect(session.problems).toEqual([]);
  return session;
}

/** What has to be as it was before. */
function holdings(): unknown {
  const { arena, guests } = host.memory.figures();
  const { leases, usedBytes, waiting, regions } = arena;
  const holders = arena.holders.filter(({ leases: count, usedBytes: used }) => count + used > 0);
  const { memory, mapped, ...system } = systemUsage();
  const own = { memory: memory - regions, mapped: mapped - regions };
  const { connections } = host;
  return { leases, usedBytes, waiting, holders, guests, connections, ...system, ...own };
}

function nothing(): unknown {
  const { doorbells, sockets } = before;
  const counts = { leases: 0, usedBytes: 0, waiting: 0, connections: 0, memory: 0, mapped: 0 };
  return { ...counts, holders: [], guests: [], doorbells, sockets };
}

async function settle(): Promise<void> {
  const deadline = performance.now() + SETTLE_MS;
  const wanted = JSON.stringify(nothing(), Object.keys(nothing() as object).toSorted());
  const now = (): string => JSON.stringify(holdings(), Object.keys(holdings() as object).toSorted());
  while (now() !== wanted && performance.now() < deadline) await collect();
  expect(holdings()).toEqual(nothing());
}

async function run(schedule: Schedule): Promise<void> {
  const stage = new Stage(host.memory, schedule.seed);
  await Promise.all(schedule.guests.map((each) => live(stage, each)));
  stage.letGo();
  bytes += stage.bytes;
  expect(stage.problems).toEqual([]);
  await settle();
}

describeCrashes("a host whose guests are killed", () => {
  beforeAll(async () => {
    const [name = "", value = ""] = MARK.split("=");
    folder = mkdtempSync(join(tmpdir(), "amphis-crash-"));
    sharedFiles = readdirSync("/dev/shm");
    nursery = Nursery.open(PYTHON, { ...process.env, [name]: value });
    host = await Host.open({ folder, maxBytes: 16_777_216, regionBytes: 4_194_304, waitMs: 10_000 });
    // What a process opens with its first guest and keeps is not counted.
    const guest = await nursery.start({ addresses: [Host.address(folder, 16_384)] });
    const session = await host.session(guest.pid, guest.ended);
    await session?.connection.close();
    await guest.ended;
    await collect();
    before = systemUsage();
  }, 30_000);

  afterAll(async () => {
    await host[Symbol.asyncDispose]();
    await nursery[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(schedules)("loses nothing but their calls: %s", async (_, schedule) => {
    const what = (): string => JSON.stringify([schedule, holdings()]);
    await within(WATCHDOG_MS, what, run(schedule));
  });

  test("has used the same memory again and again, and no process is left", () => {
    const { arena } = host.memory;
    expect(bytes).toBeGreaterThan(16_777_216);
    arena.trim(0);
    expect(arena.stats()).toMatchObject({ usedBytes: 0, leases: 0 });
    expect(arena.stats().residentBytes).toBeLessThanOrEqual(arena.stats().totalBytes);
    expect(nursery.alive).toBe(0);
    expect(processesWith(MARK)).toEqual([nursery.pid]);
    expect(readdirSync("/dev/shm")).toEqual(sharedFiles);
  });
});
