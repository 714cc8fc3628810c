import { constants, openSync, closeSync, writeSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { describeCrashes } from "./described.ts";
import type { RingBytes } from "./host.ts";
import type { NurseryGuest } from "./nursery.ts";
import { filled } from "./pattern.ts";
import { Scene } from "./scene.ts";
import type { Session } from "./session.ts";

let scene: Scene;

async function guestOf(ringBytes: RingBytes): Promise<{ guest: NurseryGuest; session: Session }> {
  const guest = await scene.nursery.start({ addresses: [scene.address(ringBytes)] });
  const session = await scene.host.session(guest.pid, guest.ended);
  if (session === undefined) throw new Error("Cannot go on: the guest is gone");
  return { guest, session };
}

describeCrashes("a host that blocks its thread for a guest", () => {
  beforeAll(async () => {
    scene = await Scene.open();
  });

  afterAll(async () => scene[Symbol.asyncDispose]());

  test("sends a call that is larger than the ring, and takes an answer that is", async () => {
    const { guest, session } = await guestOf(1_024);
    const length = 300_000;
    const call = session.call("check", [7, length], filled(7, length), "inline");
    // Nothing but this sends and takes: a promise that the event loop had to help with would not be answered.
    expect(session.connection.pump?.(10_000)).toBe(true);
    expect(call.outcome).toEqual({ kind: "answered", answer: 7 });
    await session.connection.close();
    expect(await guest.ended).toBe(0);
    expect(await scene.settled()).toEqual(scene.nothing);
  });

  test("hears on its event loop what comes after it has blocked in vain", async () => {
    const { guest, session } = await guestOf(16_384);
    const path = join(scene.folder, "pipe");
    await session.call("lay_pipe", [path]).answer;
    const pipe = openSync(path, constants.O_RDWR);
    const { answer } = session.call("await_byte", [path]);
    // The loop sleeps at least once, and has asked the guest to ring.
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(session.connection.pump?.(5)).toBe(false);
    writeSync(pipe, Uint8Array.of(42));
    expect(await answer).toBe(42);
    closeSync(pipe);
    await session.connection.close();
    expect(await guest.ended).toBe(0);
    expect(await scene.settled()).toEqual(scene.nothing);
  });

  test("hears within the call that the guest was killed", async () => {
    const { guest, session } = await guestOf(16_384);
    await session.call("recheck", []).answer;
    guest.kill();
    const call = session.call("recheck", []);
    expect(session.connection.pump?.(10_000)).toBe(true);
    await expect(call.answer).rejects.toMatchObject({ code: "PEER_LOST" });
    await session.settled();
    expect(session.problems).toEqual([]);
    expect(await scene.settled()).toEqual(scene.nothing);
  });

  test("hears within the call that a guest was killed which had no room for all of it", async () => {
    const { guest, session } = await guestOf(1_024);
    guest.kill();
    const call = session.call("check", [7, 300_000], filled(7, 300_000), "inline");
    expect(session.connection.pump?.(10_000)).toBe(true);
    await expect(call.answer).rejects.toMatchObject({ code: "PEER_LOST" });
    await session.settled();
    expect(session.problems).toEqual([]);
    expect(await scene.settled()).toEqual(scene.nothing);
  });
});
