import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, onTestFinished, test } from "vitest";

import { isRunning, nothingRuns } from "../processes.ts";
import { childrenOf, describeLaunchers, folder, parentOf, python } from "./started.ts";

const DIST = new URL("../../dist/", import.meta.url);
const PROGRAM = fileURLToPath(new URL("program.mjs", import.meta.url));

interface Program {
  readonly child: ReturnType<typeof spawn>;
  /** The worker, then what descends from it, then who keeps it. */
  readonly processes: readonly number[];
}

/** A program that has a worker with a family. */
async function start(kind: string, how: string): Promise<Program> {
  const spec = { python, profile: "process", path: [folder], forkServer: kind === "warden" };
  const args = [PROGRAM, DIST.href, JSON.stringify(spec), how];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const family = JSON.parse(line.toString()) as number[];
  const keeper = parentOf(family[0] ?? 0) ?? 0;
  return { child, processes: keeper === 0 ? family : [...family, keeper] };
}

describeLaunchers((kind) => {
  test.skipIf(!existsSync(new URL("worker/index.js", DIST)))(
    "needs the compiled packages for the tests that follow",
    () => undefined,
  );

  for (const how of ["exit", "throw", "kill"]) {
    test(`is gone with all that descends from it when its program ends: ${how}`, async () => {
      const { child, processes } = await start(kind, how);
      expect(processes.length).toBeGreaterThanOrEqual(4);
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      await nothingRuns(processes);
    });
  }

  test("does not hear Ctrl-C, which is for the program", async () => {
    const { child, processes } = await start(kind, "terminal");
    const pid = child.pid ?? 0;
    const wardens = childrenOf(pid);
    // What a terminal does: every process of its foreground group gets the signal.
    process.kill(-pid, "SIGSTOP");
    expect(processes.every(isRunning)).toBe(true);
    expect(wardens.every(isRunning)).toBe(true);
    process.kill(-pid, "SIGINT");
    process.kill(-pid, "SIGCONT");
    await once(child, "exit");
    await nothingRuns([...processes, ...wardens]);
  });
});
