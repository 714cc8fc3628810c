import { expect, test } from "vitest";

import { isRunning, nothingRuns } from "../processes.ts";
import { until } from "../wait.ts";
import { childrenOf, describeLaunchers, launcherOf, parentOf, Started } from "./started.ts";

describeLaunchers((kind) => {
  const launch = async (): Promise<Started> =>
    Started.launch(await launcherOf({ forkServer: kind === "warden" }));

  test("takes its whole family along when it dies, daemons included", async () => {
    const started = await launch();
    const family = (await started.ask("found_family")) as number[];
    expect(family.every(isRunning)).toBe(true);
    void started.ask("kill_self", 9);
    await started.worker.exited;
    expect(family.filter(isRunning)).toEqual([]);
  });

  test("takes its whole family along when it leaves in good order", async () => {
    const started = await launch();
    const family = (await started.ask("found_family")) as number[];
    void started.ask("leave", 0);
    expect(await started.worker.exited).toMatchObject({ exitCode: 0 });
    expect(family.filter(isRunning)).toEqual([]);
  });

  test("is ended with its whole family while C code holds the interpreter", async () => {
    const started = await launch();
    const family = (await started.ask("found_family")) as number[];
    void started.ask("spin_in_c");
    started.worker.kill();
    expect(await started.worker.exited).toMatchObject({ signal: "SIGKILL" });
    expect([started.worker.pid, ...family].filter(isRunning)).toEqual([]);
  });

  test("leaves the family of another worker alone", async () => {
    const launcher = await launcherOf({ forkServer: kind === "warden" });
    const [one, other] = await Promise.all([Started.launch(launcher), Started.launch(launcher)]);
    const family = (await other.ask("found_family")) as number[];
    one.worker.kill();
    await one.worker.exited;
    expect(family.every(isRunning)).toBe(true);
    expect(await other.ask("ping")).toBe(other.worker.pid);
  });

  test("that kills its keeper ends, and the launcher starts others", async () => {
    const launcher = await launcherOf({ forkServer: kind === "warden" });
    const started = await Started.launch(launcher);
    void started.ask("kill_parent");
    expect(await started.worker.exited).toEqual({});
    await until(() => !isRunning(started.worker.pid));
    const next = await Started.launch(launcher);
    expect(await next.ask("ping")).toBe(next.worker.pid);
  });

  test("is in a session of its own, as the terminal's signals are for the program", async () => {
    const started = await launch();
    const [, argv, leads, input] = (await started.ask("place")) as unknown[];
    expect([argv, leads, input]).toEqual([[""], true, ""]);
    expect(await started.ask("signals")).toEqual([
      expect.stringContaining("default_int_handler"),
      "0",
      "0",
    ]);
  });

  test("is one process with one keeper, and neither is left as a zombie", async () => {
    const launcher = await launcherOf({ forkServer: kind === "warden" });
    const started = await Started.launch(launcher);
    const keeper = parentOf(started.worker.pid) ?? 0;
    expect(childrenOf(keeper)).toEqual([started.worker.pid]);
    started.worker.kill();
    await started.worker.exited;
    await until(() => parentOf(keeper) === undefined);
    await launcher[Symbol.asyncDispose]();
    await nothingRuns([started.worker.pid, keeper]);
    expect(childrenOf(process.pid)).not.toContain(keeper);
  });
});
