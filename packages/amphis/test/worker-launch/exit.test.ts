import { existsSync } from "node:fs";
import { expect, test } from "vitest";

import { until } from "../wait.ts";
import { describeLaunchers, launcherOf, Started } from "./started.ts";

describeLaunchers((kind) => {
  const launch = async (): Promise<Started> =>
    Started.launch(await launcherOf({ forkServer: kind === "warden" }));

  test("answers over its channel, and tells what it takes", async () => {
    const { worker, ask } = await bound(launch());
    expect(await ask("ping")).toBe(worker.pid);
    const usage = worker.usage();
    expect(usage?.rssBytes).toBeGreaterThan(1_000_000);
    expect(usage?.cpuMs).toBeGreaterThanOrEqual(0);
  });

  test("that ends with a code tells it, what it used, and its last words", async () => {
    const { worker, ask } = await bound(launch());
    void ask("leave", 7);
    const exit = await worker.exited;
    expect(exit).toMatchObject({ exitCode: 7 });
    expect(exit.signal).toBeUndefined();
    expect(exit.usage?.maxRssBytes).toBeGreaterThan(1_000_000);
    expect(worker.stderrTail).toContain("last words");
    expect(worker.usage()).toBeUndefined();
  });

  test("that crashes in C tells the signal and the stack of Python, and leaves no core", async () => {
    const { worker, ask } = await bound(launch());
    void ask("crash");
    expect(await worker.exited).toMatchObject({
      signal: "SIGSEGV",
      isCoreDumped: false,
      isOutOfMemory: false,
    });
    expect(worker.stderrTail).toContain("Fatal Python error: Segmentation fault");
    expect(worker.stderrTail).toMatch(/hazard\.py", line \d+ in crash/u);
  });

  test("that is killed from elsewhere was not out of memory", async () => {
    const { worker, ask } = await bound(launch());
    void ask("kill_self", 9);
    expect(await worker.exited).toMatchObject({ signal: "SIGKILL", isOutOfMemory: false });
  });

  test("ends its connections with itself", async () => {
    const { worker, ask } = await bound(launch());
    void ask("leave", 0);
    const reasons = await Promise.all([worker.connection.closed, worker.control.closed]);
    expect(reasons).toEqual([{ kind: "peer" }, { kind: "peer" }]);
  });

  test("gets a signal that is meant for it alone", async () => {
    const { worker } = await bound(launch());
    worker.kill("SIGTERM");
    expect(await worker.exited).toMatchObject({ signal: "SIGTERM" });
    worker.kill();
  });

  test("that floods both streams keeps 8 KiB of what it said", async () => {
    const { worker, ask } = await bound(launch());
    const before = process.memoryUsage.rss();
    void ask("flood", 2);
    let bytes = 0;
    await new Promise<void>((resolve) => {
      worker.stderr.on("data", (chunk: Uint8Array) => {
        bytes += chunk.length;
        if (bytes > 256 << 20) resolve();
      });
    });
    worker.kill();
    await worker.exited;
    expect(worker.stderrTail).toHaveLength(8_192);
    // What was let go of waits for the garbage collector; all of it would be 256 MiB.
    expect(process.memoryUsage.rss() - before).toBeLessThan(160 << 20);
  });

  test("that nobody reads waits, and can be ended", async () => {
    const launcher = await launcherOf({ forkServer: kind === "warden" });
    const started = await Started.launch(launcher);
    started.worker.stdout.pause();
    void started.ask("flood", 1);
    await until(() => started.worker.stdout.readableLength > 0);
    started.worker.kill();
    expect(await started.worker.exited).toMatchObject({ signal: "SIGKILL" });
    started.worker.stdout.resume();
  });

  test("that closes all its descriptors ends", async () => {
    const { worker, ask } = await bound(launch());
    void ask("close_everything");
    await worker.connection.closed;
    worker.kill();
    const exit = await worker.exited;
    expect(exit.exitCode ?? exit.signal).toBeDefined();
    await until(() => !existsSync(`/proc/${worker.pid}`));
  });

  test("that ends by itself while it is being killed tells which of both it was", async () => {
    for (let round = 0; round < 10; round += 1) {
      // One after the other: each is to be hit at another moment of its end.
      const { worker, ask } = await bound(launch());
      void ask("leave", 7);
      const times = round * 40;
      for (let time = 0; time < times; time += 1) worker.usage();
      worker.kill();
      const exit = await worker.exited;
      expect([7, "SIGKILL"]).toContain(exit.exitCode ?? exit.signal);
    }
  });
});

async function bound(
  launching: Promise<Started>,
): Promise<{ worker: Started["worker"]; ask: Started["ask"] }> {
  const started = await launching;
  return { worker: started.worker, ask: started.ask.bind(started) };
}
