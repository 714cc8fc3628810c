import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";

import { type EnvironmentProgress, openEnvironment } from "../../src/library/environment/index.ts";
import { isRunning, nothingRuns } from "../processes.ts";
import { bundleProgram } from "../programs.ts";
import { type Project, projectWith } from "./project.ts";
import { rejection } from "../wait.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const programs = mkdtempSync(join(tmpdir(), "amphis-environment-programs-"));
let program = "";
beforeAll(async () => {
  program = await bundleProgram("environment-opener", programs);
});
afterAll(() => rmSync(programs, { recursive: true, force: true }));

interface Opener {
  readonly process: ChildProcess;
  readonly events: readonly { readonly kind: string; readonly prefix?: string }[];
  /** Resolves when the opener told this. */
  until(kind: string): Promise<void>;
}

function opener(project: Project, stopAt = ""): Opener {
  const request = JSON.stringify(project.request({ dependencies: ["gamma"] }));
  const child = fork(program, [request, stopAt], { env: project.env });
  onTestFinished(() => void child.kill("SIGKILL"));
  const events: { readonly kind: string; readonly prefix?: string }[] = [];
  child.on("message", (event: { readonly kind: string }) => events.push(event));
  return {
    process: child,
    events,
    until: async (kind) => {
      while (!events.some((event) => event.kind === kind)) await once(child, "message");
    },
  };
}

/** Folders of attempts and of the environment itself. */
function attempts(project: Project): readonly string[] {
  const names = readdirSync(join(project.folder, ".amphis", "environments", "default"));
  return names.filter((name) => !name.endsWith(".json"));
}

test("one of several processes makes the environment, and the others wait and use it", async () => {
  const project = projectWith();
  const openers = [opener(project), opener(project)];
  const mine = openEnvironment(project.request({ dependencies: ["gamma"] }), { env: project.env });

  await Promise.all(openers.map((each) => each.until("opened")));
  const { prefix } = await mine;

  const prefixes = openers.flatMap(({ events }) => events.flatMap((event) => event.prefix ?? []));
  expect(prefixes).toEqual([prefix, prefix]);
  expect(attempts(project)).toHaveLength(1);
});

test("a process that was killed in the middle is noticed, and what it left is not used", async () => {
  const project = projectWith();
  const first = opener(project, "checking");
  await first.until("checking");
  const [left] = attempts(project);
  const events: EnvironmentProgress[] = [];
  let tellOfWaiting: (() => void) | undefined;
  const isWaiting = new Promise<void>((resolve) => {
    tellOfWaiting = resolve;
  });
  const second = openEnvironment(project.request({ dependencies: ["gamma"] }), {
    env: project.env,
    onProgress: (event) => {
      events.push(event);
      if (event.kind === "waiting") tellOfWaiting?.();
    },
  });
  await isWaiting;
  first.process.kill("SIGKILL");

  const environment = await second;

  expect(events[0]).toEqual({
    kind: "waiting",
    holder: expect.stringContaining(`process ${first.process.pid}`),
  });
  expect(left).toBeDefined();
  expect(environment.prefix).not.toContain(left);
  expect(attempts(project)).toEqual([environment.prefix.split("/").at(-1)]);
});

test("a signal ends the work between two steps, and leaves nothing", async () => {
  const project = projectWith();
  const request = project.request({ dependencies: ["gamma"] });
  const stop = new AbortController();
  const reason = new Error("enough");

  const error = await rejection(
    openEnvironment(request, {
      env: project.env,
      signal: stop.signal,
      onProgress: ({ kind }) => kind === "checking" && stop.abort(reason),
    }),
  );

  expect(error).toBe(reason);
  expect(attempts(project)).toEqual([]);
  const environment = await openEnvironment(request, { env: project.env });
  expect(environment.packages).toHaveLength(2);
});

test("a signal kills a tool that hangs, with the processes that it started", async () => {
  const project = projectWith([]);
  const told = join(project.folder, "pids");
  const tool = join(project.folder, "uv");
  const script = `#!/bin/sh\ncase "$1" in --version) echo "uv 1.0.0"; exit;; esac\nsleep 1000 &\necho "$$ $! " > ${told}\nwait\n`;
  writeFileSync(tool, script, { mode: 0o755 });
  const stop = new AbortController();
  const opening = rejection(
    openEnvironment(project.request({ dependencies: ["gamma"] }), {
      env: { ...project.env, AMPHIS_UV: tool },
      signal: stop.signal,
    }),
  );
  const pids = await vi.waitFor(
    () => {
      const numbers = readFileSync(told, "utf8").trim().split(" ").map(Number);
      expect(numbers).toHaveLength(2);
      return numbers;
    },
    { timeout: 120_000 },
  );
  expect(pids.map(isRunning)).toEqual([true, true]);

  stop.abort(new Error("enough"));

  expect(await opening).toBe(stop.signal.reason);
  await nothingRuns(pids);
});
