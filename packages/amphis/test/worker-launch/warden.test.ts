import { expect, test } from "vitest";

import { nativeCore } from "../../src/native-core.ts";
import { isRunning, nothingRuns } from "../processes.ts";
import { until } from "../wait.ts";
import { childrenOf, launcherOf, parentOf, Started } from "./started.ts";

const native = await nativeCore();

if (native.kind === "unavailable") {
  test("a warden forks workers", ({ skip }) => skip(native.reason));
} else {
  test("a warden that is killed takes its workers along, and another takes its place", async () => {
    const launcher = await launcherOf();
    expect(launcher).toMatchObject({ kind: "warden", reason: undefined });
    const [one, other] = await Promise.all([Started.launch(launcher), Started.launch(launcher)]);
    const family = (await one.ask("found_family")) as number[];
    void other.ask("kill_grandparent");
    await Promise.all([one.worker.exited, other.worker.exited]);
    await nothingRuns([one.worker.pid, other.worker.pid, ...family]);
    const next = await Started.launch(launcher);
    expect(await next.ask("ping")).toBe(next.worker.pid);
  });

  test("a launch that meets the death of the warden fails with how it died", async () => {
    const launcher = await launcherOf();
    const { worker } = await Started.launch(launcher);
    const warden = parentOf(parentOf(worker.pid) ?? 0) ?? 0;
    process.kill(warden, "SIGSTOP");
    const launching = launcher.launch();
    process.kill(warden, "SIGKILL");
    await expect(launching).rejects.toMatchObject({
      code: "WORKER_START_FAILED",
      reason: "the warden ended by SIGKILL before the worker was ready",
    });
    await worker.exited;
    const next = await Started.launch(launcher);
    expect(await next.ask("ping")).toBe(next.worker.pid);
  });

  test("a launch that is given up leaves no process", async () => {
    const launcher = await launcherOf();
    const { worker } = await Started.launch(launcher);
    const keeper = parentOf(worker.pid) ?? 0;
    const warden = parentOf(keeper) ?? 0;
    process.kill(warden, "SIGSTOP");
    const reason = new Error("changed my mind");
    const ending = new AbortController();
    const launching = launcher.launch(ending.signal);
    ending.abort(reason);
    process.kill(warden, "SIGCONT");
    await expect(launching).rejects.toBe(reason);
    // The warden does one thing after the other: when this one is there, the other has been forked if it ever is.
    const next = await Started.launch(launcher);
    const kept = [keeper, parentOf(next.worker.pid)];
    await until(() => childrenOf(warden).length === kept.length);
    expect(childrenOf(warden).toSorted()).toEqual(kept.toSorted());
  });

  test("a warden is told to go with its launcher, and its workers with it", async () => {
    const launcher = await launcherOf();
    const { worker } = await Started.launch(launcher);
    const warden = parentOf(parentOf(worker.pid) ?? 0) ?? 0;
    await launcher[Symbol.asyncDispose]();
    expect([worker.pid, warden].filter(isRunning)).toEqual([]);
    await expect(launcher.launch()).rejects.toThrow(TypeError);
  });

  test("workers that have NumPy from the warden draw numbers of their own, and compute", async () => {
    const launcher = await launcherOf({ preload: ["numpy"] });
    const workers = await Promise.all([Started.launch(launcher), Started.launch(launcher)]);
    const drawn = await Promise.all(workers.map((each) => each.ask("random_numbers")));
    const numbers = drawn.flat() as number[];
    expect(new Set(numbers).size).toBe(4);
    const [first] = workers;
    expect(await first?.ask("norm")).toBe(64_000_000);
  });

  test("a warden has one thread of its own", async () => {
    const launcher = await launcherOf();
    const { worker } = await Started.launch(launcher);
    const warden = parentOf(parentOf(worker.pid) ?? 0) ?? 0;
    const { readdirSync } = await import("node:fs");
    expect(readdirSync(`/proc/${warden}/task`)).toHaveLength(1);
  });
}
