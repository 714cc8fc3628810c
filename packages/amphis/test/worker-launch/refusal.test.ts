import { existsSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { findPython, openLauncher } from "../../src/worker/index.ts";
import { rejection } from "../wait.ts";
import { descriptorCount, describeLaunchers, folder, launcherOf, python } from "./started.ts";

describeLaunchers((kind) => {
  const forkServer = kind === "warden";
  const failure = async (options: Parameters<typeof launcherOf>[0]): Promise<unknown> =>
    rejection((await launcherOf({ forkServer, ...options })).launch());

  test("is refused by name when its interpreter is not there", async () => {
    expect(await failure({ python: "/nowhere/python3" })).toMatchObject({
      code: "PYTHON_NOT_FOUND",
      context: { tried: ["/nowhere/python3"], reason: "/nowhere/python3 does not exist" },
    });
  });

  test("is refused when its interpreter ends at once, with how", async () => {
    expect(await failure({ python: "/bin/false" })).toMatchObject({
      code: "WORKER_START_FAILED",
      reason: expect.stringContaining(
        "ended with exit code 1 before the worker was ready",
      ) as string,
    });
  });

  test("is refused when its folder is not there", async () => {
    expect(await failure({ cwd: "/nowhere" })).toMatchObject({
      code: "WORKER_START_FAILED",
      reason: "the working directory /nowhere does not exist",
    });
  });

  test("leaves no descriptor of this program open when it is refused", async () => {
    const spec = {
      python,
      profile: "process",
      forkServer,
      path: [folder],
      cwd: "/nowhere",
    } as const;
    const refuse = async (times: number): Promise<void> => {
      const launcher = await openLauncher(spec);
      for (let count = 0; count < times; count += 1) await rejection(launcher.launch());
      await launcher[Symbol.asyncDispose]();
    };
    // What Node and the native core open once stays.
    await refuse(1);
    const before = descriptorCount();
    await refuse(16);
    await expect.poll(descriptorCount, { timeout: 30_000 }).toBeLessThanOrEqual(before);
  });

  test("is refused with its standard error when it cannot begin", async () => {
    expect(await failure({ limits: { files: 3 } })).toMatchObject({
      code: "WORKER_START_FAILED",
      stderr: expect.stringMatching(/Error/u) as string,
    });
  });
});

describe("the search for Python", () => {
  test("takes the one that is named, or none", async () => {
    const found = await findPython({ python });
    expect(found.version).toMatch(/^3\.\d+/u);
    expect(await rejection(findPython({ python: "/bin/false" }))).toMatchObject({
      code: "PYTHON_NOT_FOUND",
      tried: [
        expect.stringMatching(/^\/bin\/false \(the option python\): it does not run as Python/u),
      ],
    });
  });

  test("says everything that it tried", async () => {
    const env = { PATH: "/nowhere", VIRTUAL_ENV: "/none" };
    expect(await rejection(findPython({ env, cwd: "/" }))).toMatchObject({
      code: "PYTHON_NOT_FOUND",
      tried: [
        "/none/bin/python (VIRTUAL_ENV): not found",
        "/.venv/bin/python (working directory): not found",
        "python3 (PATH): not found",
        "python (PATH): not found",
      ],
    });
  });

  test("prefers what AMPHIS_PYTHON names", async () => {
    const env = { ...process.env, AMPHIS_PYTHON: "/bin/false" };
    expect(await rejection(findPython({ env }))).toMatchObject({
      tried: [expect.stringContaining("(AMPHIS_PYTHON)")],
    });
  });

  test("gives an interpreter that exists", async () => {
    const { path } = await findPython({ env: { PATH: process.env["PATH"] } });
    expect(existsSync(path)).toBe(true);
  });
});
