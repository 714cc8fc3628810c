import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, expect, test } from "vitest";

import { nativeCore } from "../../src/native-core.ts";
import { describeCrashes, PYTHON } from "./described.ts";
import { Host } from "./host.ts";
import { useProgram } from "./programs.ts";
import type { ParentNews, ParentPlan } from "./programs/parent.ts";
import { within } from "./scene.ts";
import { isRunning, processesThatMap, processesWith, regionsOf } from "./usage.ts";

const WATCHDOG_MS = 20_000;
const GUEST = fileURLToPath(new URL("guest.py", import.meta.url));
const program = useProgram("parent");
const native = await nativeCore();
const launcher = native.kind === "available" ? join(native.folder, "amphis-launch") : "";
const sharedFiles = readdirSync("/dev/shm");

let folder: string;
let parent: ChildProcess | undefined;

/** @param mode how the guest is started, and whether it ever looks at its channel */
function commandOf(mode: "plain" | "launched" | "busy"): ParentPlan["guests"][number] {
  const guest = [GUEST, Host.address(folder, 16_384), ...(mode === "busy" ? ["busy"] : [])];
  return mode === "plain" ? [PYTHON, ...guest] : [launcher, "PARENT", PYTHON, ...guest];
}

async function startParent(guests: ParentPlan["guests"]): Promise<readonly number[]> {
  const plan: ParentPlan = { folder, guests };
  parent = fork(program, [JSON.stringify(plan)], {
    env: { ...process.env, AMPHIS_CRASH_FOLDER: folder },
  });
  const gone = once(parent, "exit").then(() => {
    throw new Error("Cannot go on: the parent is gone");
  });
  gone.catch(() => undefined);
  const [{ pids }] = (await Promise.race([once(parent, "message"), gone])) as [ParentNews];
  return pids;
}

/** Every guest is gone, and whatever the memory held. */
async function expectNothingLeft(
  pids: readonly number[],
  regions: readonly string[],
): Promise<void> {
  const left = (): readonly number[] => [
    ...pids.filter(isRunning),
    ...processesThatMap(regions),
    ...processesWith(`AMPHIS_CRASH_FOLDER=${folder}`),
  ];
  const gone = (async () => {
    // Nobody tells this process of the end of another's children.
    while (left().length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  })();
  await within(WATCHDOG_MS, () => `processes ${left().join()}`, gone);
  expect(readdirSync("/dev/shm")).toEqual(sharedFiles);
}

describeCrashes("a host that is killed with guests it has started", () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "amphis-crash-parent-"));
  });

  afterEach(() => {
    parent?.kill("SIGKILL");
    for (const pid of processesWith(`AMPHIS_CRASH_FOLDER=${folder}`)) process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  test("leaves no guest and no memory: guests hear the end of their sockets", async () => {
    const pids = await startParent([commandOf("plain"), commandOf("plain")]);
    const regions = regionsOf(parent?.pid ?? 0);
    expect(regions.length).toBeGreaterThan(0);
    expect(processesThatMap(regions).toSorted()).toEqual([parent?.pid, ...pids].toSorted());
    parent?.kill("SIGKILL");
    await expectNothingLeft(pids, regions);
  });

  test("leaves no launched guest, though some never look at their channels and some are stopped", async ({
    skip,
  }) => {
    if (!existsSync(launcher)) skip("there is no amphis-launch; build the native core");
    const modes = ["launched", "busy", "busy"] as const;
    const pids = await startParent(modes.map(commandOf));
    const regions = regionsOf(parent?.pid ?? 0);
    expect(processesThatMap(regions).toSorted()).toEqual([parent?.pid, ...pids].toSorted());
    process.kill(pids.at(-1) ?? 0, "SIGSTOP");
    parent?.kill("SIGKILL");
    await expectNothingLeft(pids, regions);
  });
});
