import { expect, onTestFinished, test } from "vitest";

import { SpawnLauncher } from "../../src/worker/launch/spawn-launcher.ts";
import { isRunning } from "../processes.ts";
import { rejection } from "../wait.ts";
import { folder, python, Started } from "./started.ts";

function launcherOf(options: { readonly python?: string } = {}): SpawnLauncher {
  const spec = { python, profile: "process", path: [folder], ...options } as const;
  const launcher = new SpawnLauncher(spec, undefined, "the native core is not there");
  onTestFinished(() => launcher[Symbol.asyncDispose]());
  return launcher;
}

test("without the native core a worker answers over its socket, and tells how it ended", async () => {
  const launcher = launcherOf();
  const started = await Started.launch(launcher);
  expect(await started.ask("ping")).toBe(started.worker.pid);
  const family = (await started.ask("found_family")) as number[];
  void started.ask("crash");
  expect(await started.worker.exited).toMatchObject({ signal: "SIGSEGV" });
  expect(started.worker.stderrTail).toContain("Fatal Python error");
  expect(family.filter(isRunning)).toEqual([]);
  expect(await started.worker.connection.closed).toEqual({ kind: "peer" });
});

test("without the native core an interpreter that is not there is named", async () => {
  const refused = await rejection(launcherOf({ python: "/nowhere/python3" }).launch());
  expect(refused).toMatchObject({ code: "PYTHON_NOT_FOUND" });
});
