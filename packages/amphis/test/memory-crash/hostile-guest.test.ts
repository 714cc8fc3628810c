import { afterAll, beforeAll, expect, test } from "vitest";

import { describeCrashes } from "./described.ts";
import type { RingBytes } from "./host.ts";
import type { NurseryGuest } from "./nursery.ts";
import { filled } from "./pattern.ts";
import { perform } from "./perform.ts";
import { Random } from "./random.ts";
import { Scene, within } from "./scene.ts";
import { seeds } from "./schedule.ts";
import { scriptOf } from "./script.ts";
import type { Session } from "./session.ts";
import { Stage } from "./stage.ts";

const WATCHDOG_MS = 20_000;
const CALLS = 20;

let scene: Scene;
let bystander: { guest: NurseryGuest; session: Session };
/** How connections with such guests have ended. */
const ends = new Set<string>();

async function guestOf(ringBytes: RingBytes, scribbles: boolean): Promise<typeof bystander> {
  const guest = await scene.nursery.start({ addresses: [scene.address(ringBytes)], scribbles });
  const session = await scene.host.session(guest.pid, guest.ended);
  if (session === undefined) throw new Error("Cannot go on: the guest is gone");
  return { guest, session };
}

/** Asks a guest that is not to notice anything. Its bytes go in frames, as anything may happen to those in shared memory. */
async function ask({ session }: typeof bystander): Promise<void> {
  const asked = Array.from({ length: 5 }, (_, at) => {
    const length = 5_000 * at + 100;
    return session.call("check", [at, length], filled(at, length), "inline").answer;
  });
  expect(await Promise.all(asked)).toEqual([0, 1, 2, 3, 4]);
}

/** Waits for an answer, but not for long: a guest that has spoiled its side of the rings never says anything more. */
async function heard({ connection }: Session, answer: Promise<unknown>): Promise<void> {
  const silence = new Promise((resolve) => setTimeout(resolve, 200));
  await Promise.race([answer.catch(() => undefined), silence, connection.closed]);
}

async function run(seed: number): Promise<void> {
  const random = new Random(seed);
  const { guest, session } = await guestOf(random.pick([1_024, 1_024, 16_384]), true);
  // The guest has all memory mapped, and has a share in some.
  await session.call("hold", [1, 10_000]).answer;
  const targets = random.pick([["rings"], ["arenas"], ["rings", "arenas"]]);
  const scribbling = session.call("scribble", [seed, random.scaled(1, 50_000), targets]);
  await heard(session, scribbling.answer);
  for (let call = 0; call < CALLS && session.isOpen; call += 1) {
    const length = random.scaled(12, 3_000);
    session.call("make", [call, length]);
    session.call("check", [call, length], filled(call, length), "shared");
  }
  const last = session.call("recheck", []);
  await heard(session, last.answer);
  await ask(bystander);
  const { state } = session.connection;
  if (state.kind === "closed" && state.reason.kind === "failed") ends.add(state.reason.error.code);
  guest.kill();
  await guest.ended;
  await session.settled();
  // Whatever else it said was an answer, or one typed error.
  expect(session.problems.filter((problem) => !problem.endsWith("answers no call"))).toEqual([]);
  await ask(bystander);
}

describeCrashes("a guest that writes anything anywhere", () => {
  beforeAll(async () => {
    scene = await Scene.open();
    bystander = await guestOf(16_384, false);
  });

  afterAll(async () => scene[Symbol.asyncDispose]());

  test.each(seeds(200_001, 60, 600))("ends its own connection at most: seed %i", async (seed) => {
    await within(WATCHDOG_MS, () => JSON.stringify([seed, scene.holdings()]), run(seed));
  });

  test("is found out by what it wrote", () => {
    expect([...ends]).toContain("RING_CORRUPT");
  });

  test("leaves memory that others use as before", async () => {
    await bystander.session.connection.close();
    expect(await scene.settled()).toEqual(scene.nothing);
    const { guest, session } = await guestOf(16_384, false);
    const stage = new Stage(scene.host.memory, 1);
    const player = { stage, session, begun: () => undefined };
    for (let seed = 0; seed < 10; seed += 1) {
      await perform(player, { ...scriptOf(new Random(seed), 16_384), lanes: 1 });
    }
    stage.letGo();
    expect([stage.problems, session.problems, session.lost]).toEqual([[], [], []]);
    await session.connection.close();
    expect(await guest.ended).toBe(0);
    expect(await scene.settled()).toEqual(scene.nothing);
    expect(await scene.orphans()).toEqual([]);
  });
});
