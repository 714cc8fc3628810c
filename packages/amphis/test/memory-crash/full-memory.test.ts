import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

import { afterEach, expect, test } from "vitest";

import type { SharedMemoryOptions } from "../../src/memory/index.ts";
import { describeCrashes } from "./described.ts";
import { Host, RING_BYTES, type RingBytes } from "./host.ts";
import type { NurseryGuest } from "./nursery.ts";
import { perform } from "./perform.ts";
import { useProgram } from "./programs.ts";
import type { HostGuests, HostNews, HostPlan } from "./programs/host.ts";
import { Random } from "./random.ts";
import { Scene, within } from "./scene.ts";
import { type Script, scriptOf } from "./script.ts";
import { Stage } from "./stage.ts";
import { regionsOf } from "./usage.ts";

const WATCHDOG_MS = 25_000;
const SCRIPTS = 12;
/** Of two rings of 16 KiB. */
const RINGS_BYTES = 65_536;
let program: string;
const open: AsyncDisposable[] = [];

async function sceneOf(options: SharedMemoryOptions): Promise<Scene> {
  const scene = await Scene.open(options);
  open.push(scene);
  return scene;
}

function scriptsOf(ringBytes: RingBytes): readonly Script[] {
  return Array.from({ length: SCRIPTS }, (_, seed) => scriptOf(new Random(seed), ringBytes));
}

/** All scripts, one after the other. @returns how often a value went inline as there was no memory */
async function playAll(scene: Scene, ringBytes: RingBytes): Promise<number> {
  const stage = new Stage(scene.host.memory, 1);
  const guest = await scene.nursery.start({ addresses: [scene.address(ringBytes)] });
  const session = await scene.host.session(guest.pid, guest.ended);
  if (session === undefined) throw new Error("Cannot go on: the guest is gone");
  const player = { stage, session, begun: () => undefined };
  for (const script of scriptsOf(ringBytes)) await perform(player, script);
  stage.letGo();
  expect([stage.problems, session.problems, session.lost]).toEqual([[], [], []]);
  await session.connection.close();
  expect(await guest.ended).toBe(0);
  return session.fallbacks;
}

/** A host whose files, memory included, may have so many bytes. */
function startLimited(folder: string, bytes: number): ChildProcess {
  const plan: HostPlan = { folder, seed: 1, hazard: { at: 0, cut: 0 } };
  const command = `ulimit -f ${Math.ceil(bytes / 512)}; exec "$0" "$@"`;
  return spawn("sh", ["-c", command, process.execPath, program, JSON.stringify(plan)], {
    env: { ...process.env, NODE_ENV: "production" },
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
}

/** What a guest says of the session before this one. */
async function codeOf(scene: Scene, guest: NurseryGuest): Promise<unknown> {
  const session = await scene.host.session(guest.pid, guest.ended);
  if (session === undefined) throw new Error("Cannot go on: the guest is gone");
  const history = await session.call("history", []).answer;
  await session.connection.close();
  expect(await guest.ended).toBe(0);
  return history;
}

/** Has a limited host play with a guest. @returns what the host wrote to its standard error, and the guest's record */
async function playLimited(scene: Scene, bytes: number): Promise<readonly unknown[]> {
  const folder = mkdtempSync(join(tmpdir(), "amphis-crash-limited-"));
  open.push({ [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }) });
  const child = startLimited(folder, bytes);
  const exited = once(child, "exit");
  const complaints = child.stderr === null ? "" : text(child.stderr);
  const said = new Promise<void>((resolve) => {
    child.on("message", (news: HostNews) => {
      if (news.said === "done") resolve();
    });
  });
  await Promise.race([once(child, "message"), exited]);
  const addresses = [Host.address(folder, 16_384), scene.address(16_384)];
  const guest = await scene.nursery.start({ addresses });
  const steps = scriptsOf(16_384).flatMap((script) => script.steps);
  const schedule = { ringBytes: 16_384 as const, script: { lanes: 2, steps }, kill: undefined };
  const message: HostGuests = { guests: [{ pid: guest.pid, schedule }] };
  child.send(message);
  const history = codeOf(scene, guest);
  await Promise.race([said, exited, history]);
  expect(child.exitCode ?? child.signalCode, "the host lives").toBeNull();
  // Of rings at most: values have found none.
  expect(new Set(regionsOf(child.pid ?? 0)).size).toBe(bytes > RINGS_BYTES ? 1 : 0);
  child.kill("SIGKILL");
  await exited;
  return [await complaints, await history];
}

describeCrashes("memory that there is not", () => {
  program = useProgram("host");

  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each[Symbol.asyncDispose]();
  });

  test.each(RING_BYTES)("costs nobody a value when all quotas are 0: rings of %i", async (ring) => {
    const scene = await sceneOf({ quotaBytes: 0 });
    expect(await within(WATCHDOG_MS, () => "quota", playAll(scene, ring))).toBeGreaterThan(0);
    expect(scene.host.memory.arena.stats().highWaterBytes).toBe(0);
    expect(await scene.settled()).toEqual(scene.nothing);
  });

  test.each(RING_BYTES)("costs nobody a value when there is hardly any: %i", async (ring) => {
    const scene = await sceneOf({ maxBytes: 65_536, regionBytes: 65_536, waitMs: 0 });
    expect(await within(WATCHDOG_MS, () => "tiny", playAll(scene, ring))).toBeGreaterThan(0);
    expect(await scene.settled()).toEqual(scene.nothing);
  });

  test("costs nobody a value when the system gives none for values", async () => {
    const scene = await sceneOf({});
    const played = playLimited(scene, 1_048_576);
    const ended = { code: "CONNECTION_CLOSED", left: { descriptors: 0, mappings: 0 } };
    expect(await within(WATCHDOG_MS, () => "limit", played)).toEqual(["", [ended]]);
  });

  test("is told to guests when the system gives none for rings", async () => {
    const scene = await sceneOf({});
    const played = playLimited(scene, RINGS_BYTES / 4);
    const ended = { code: "CONNECTION_CLOSED", left: { descriptors: 0, mappings: 0 } };
    expect(await within(WATCHDOG_MS, () => "limit", played)).toEqual(["", [ended]]);
  });
});
