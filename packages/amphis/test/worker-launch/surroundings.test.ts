import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { expect, onTestFinished, test } from "vitest";

import { until } from "../wait.ts";

import {
  describeLaunchers,
  descriptorCount,
  descriptorLinks,
  folder,
  launcherOf,
  Started,
} from "./started.ts";

const RUNTIME = fileURLToPath(new URL("../../../../python/src", import.meta.url));

function temporaryFolder(): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), "amphis-")));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

function named(map: unknown): Readonly<Record<string, string>> {
  const entries = map instanceof Map ? [...map] : Object.entries(map as object);
  return Object.fromEntries(entries) as Readonly<Record<string, string>>;
}

describeLaunchers((kind) => {
  const forkServer = kind === "warden";

  test("has the environment that it was given and nothing else", async () => {
    const env = { ONE: "1", PATH: process.env["PATH"] ?? "" };
    const started = await Started.launch(await launcherOf({ forkServer, env }));
    const { LC_CTYPE: locale, ...environment } = named(await started.ask("environment"));
    expect(environment).toEqual(env);
    // Python sets it where there is no locale, so that text is UTF-8 in what it starts too.
    expect(locale ?? "C.UTF-8").toMatch(/UTF-?8/iu);
  });

  test("works in the folder that it was given", async () => {
    const cwd = temporaryFolder();
    const started = await Started.launch(await launcherOf({ forkServer, cwd }));
    expect(((await started.ask("place")) as unknown[])[0]).toBe(cwd);
  });

  test("runs the Python runtime of this package, whatever else is called amphis", async () => {
    const other = temporaryFolder();
    writeFileSync(join(other, "amphis.py"), "raise RuntimeError('the wrong one')");
    const env = { PYTHONPATH: other };
    const path = [folder, other];
    const started = await Started.launch(await launcherOf({ forkServer, env, path, cwd: other }));
    expect(await started.ask("runtime")).toBe(join(RUNTIME, "amphis/__init__.py"));
  });

  test("is bound by its limits, and survives what they refuse", async () => {
    const limits = { memoryBytes: 512 << 20, cpuSeconds: 50, files: 200, processes: 20_000 };
    const started = await Started.launch(await launcherOf({ forkServer, limits }));
    expect(await started.ask("limits")).toEqual([0, 512 << 20, 50, 200, 20_000]);
    expect(await started.ask("grow", 1_024)).toBe("MemoryError");
    expect(await started.ask("grow", 16)).toBe(String(16 << 20));
  });

  test("that computes beyond its limit ends by SIGXCPU", async () => {
    const limits = { cpuSeconds: 1 };
    const started = await Started.launch(await launcherOf({ forkServer, limits }));
    void started.ask("compute");
    expect(await started.worker.exited).toMatchObject({ signal: "SIGXCPU" });
  });

  test("has no descriptor of its program, its keeper or another worker", async () => {
    // What this process itself was handed without being asked, its children have too.
    const handed = descriptorLinks();
    const launcher = await launcherOf({ forkServer });
    const one = await Started.launch(launcher);
    const other = await Started.launch(launcher);
    const [first, second] = await Promise.all([one.ask("descriptors"), other.ask("descriptors")]);
    const kinds = (list: unknown): readonly string[] =>
      (list as string[]).map((each) => each.replace(/\[?\d+\]?/gu, ""));
    expect(kinds(first)).toEqual(kinds(second));
    const shared = (first as string[]).filter((each) => (second as string[]).includes(each));
    const joining = shared.filter((each) => /^(?:socket|pipe):/u.test(each));
    expect(joining.filter((each) => !handed.includes(each))).toEqual([]);
  });

  test("leaves nothing behind, however often", { timeout: 120_000 }, async () => {
    const launcher = await launcherOf({ forkServer });
    const times = forkServer ? 60 : 12;
    const once = async (): Promise<void> => {
      const worker = await launcher.launch();
      worker.stdout.resume();
      for (const each of [worker.connection, worker.control]) each.receive(() => undefined);
      worker.kill();
      await Promise.all([worker.exited, worker.connection.closed, worker.control.closed]);
    };
    await once();
    const before = descriptorCount();
    for (let index = 0; index < times; index += 1) await once();
    // Node closes some in turns of their own.
    await until(() => descriptorCount() <= before + 2);
  });
});
