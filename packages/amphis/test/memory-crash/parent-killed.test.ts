import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, expect, test } from "vitest";

import { nativeCore } from "../../src/native-core.ts";
import { isRunning } from "../processes.ts";
import { describeCrashes, PYTHON } from "./described.ts";
import { Host } from "./host.ts";
import { useProgram } from "./programs.ts";
import type { ParentNews, ParentPlan } from "./programs/parent.ts";
import { within } from "./scene.ts";
import { processesThatMap, processesWith, regionsOf } from "./usage.ts";

const WATCHDOG_MS = 20_000;
const GUEST = fileURLToPath(new URL("guest.py", import.meta.url));
const native = await nativeCore();
const launcher = native.kind === "available" ? join(native.folder, "amphis-launch") : "";

let program: string;
let folder: string;
let sharedFiles: readonly string[];
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

/** Waits until every guest is gone, and the memory. */
async function nothingLeft(pids: readonly number[], regions: readonly string[]): Promise<void> {
  const left = (): readonly unknown[] => [
    ...pids.filter(isRunning),
    ...processesThatMap(regions),
    ...processesWith(`AMPHIS_CRASH_FOLDER=${folder}`),
    ...readdirSync("/dev/shm").filter((name) => !sharedFiles.includes(name)),
  ];
  const gone = (async () => {
    // Nobody tells this process of the end of another's children.
    while (left().length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  })();
  await within(WATCHDOG_MS, () => `left: ${left().join()}`, gone);
}

describeCrashes("a host that is killed with guests it has started", () => {
  program = useProgram("parent");

  beforeEach(() => {
    sharedFiles = readdirSync("/dev/shm");
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
    await nothingLeft(pids, regions);
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
    await nothingLeft(pids, regions);
  });
});
