import { expect, test } from "vitest";

import { nativeCore } from "../../src/native-core.ts";
import type { Launcher } from "../../src/worker/index.ts";
import { nothingRuns } from "../processes.ts";
import { until } from "../wait.ts";
import { childrenOf, descriptorCount, launcherOf, parentOf, Started } from "./started.ts";

const native = await nativeCore();

/** A worker, and the one that waits beside it. */
async function withSpare(
  launcher: Launcher,
): Promise<{ readonly one: Started; readonly warden: number; readonly spare: number }> {
  const one = await Started.launch(launcher);
  const keeper = parentOf(one.worker.pid) ?? 0;
  const warden = parentOf(keeper) ?? 0;
  const spares = (): readonly number[] =>
    childrenOf(warden)
      .filter((each) => each !== keeper)
      .flatMap(childrenOf);
  await until(() => spares().length === 1);
  return { one, warden, spare: spares()[0] ?? 0 };
}

if (native.kind === "unavailable") {
  test("a warden keeps a spare", ({ skip }) => skip(native.reason));
} else if (process.platform !== "linux") {
  test("a warden keeps a spare", ({ skip }) => skip("it is looked for in /proc, as Linux has it"));
} else {
  test("a spare is the next worker, and another takes its place", async () => {
    const launcher = await launcherOf({ spare: true });
    const { warden, spare } = await withSpare(launcher);
    let workers = 1;
    let next: Started;
    do {
      // The process is there before its channel is open, and then it is not taken yet.
      next = await Started.launch(launcher);
      workers += 1;
    } while (next.worker.pid !== spare);
    expect(await next.ask("ping")).toBe(spare);
    await until(() => childrenOf(warden).length === workers + 1);
  });

  test("a spare that dies is no loss", async () => {
    const launcher = await launcherOf({ spare: true });
    const { spare } = await withSpare(launcher);
    process.kill(spare, "SIGKILL");
    await nothingRuns([spare]);
    const next = await Started.launch(launcher);
    expect(await next.ask("ping")).toBe(next.worker.pid);
  });

  test("a spare goes when the last worker does", async () => {
    const launcher = await launcherOf({ spare: true });
    const { one, warden, spare } = await withSpare(launcher);
    one.worker.kill();
    await one.worker.exited;
    await nothingRuns([spare]);
    await until(() => childrenOf(warden).length === 0);
    const next = await Started.launch(launcher);
    expect(await next.ask("ping")).toBe(next.worker.pid);
  });

  test("nothing is left of a launcher with a spare", async () => {
    const before = descriptorCount();
    const launcher = await launcherOf({ spare: true });
    const { one, warden, spare } = await withSpare(launcher);
    await launcher[Symbol.asyncDispose]();
    await one.worker.connection.close();
    await one.worker.control.close();
    await nothingRuns([warden, spare, one.worker.pid]);
    await until(() => descriptorCount() === before);
  });

  test("without a spare there are only the workers that were launched", async () => {
    const launcher = await launcherOf({ spare: false });
    const { worker } = await Started.launch(launcher);
    const next = await Started.launch(launcher);
    const warden = parentOf(parentOf(worker.pid) ?? 0) ?? 0;
    const workers = childrenOf(warden).flatMap(childrenOf);
    expect(workers.toSorted()).toEqual([worker.pid, next.worker.pid].toSorted());
  });
}
