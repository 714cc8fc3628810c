import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

import { expect, test } from "vitest";

import { buildLauncher } from "../src/build.ts";
import { wellBuilt } from "./core.ts";

const launcher = wellBuilt(buildLauncher());
const path = launcher.kind === "built" ? launcher.path : "";

if (launcher.kind === "unavailable") test("launcher", ({ skip }) => skip(launcher.reason));

test.runIf(path !== "")(
  "a launched program ends with its parent, even when that is killed",
  async () => {
    const program = `
    const { spawn } = require("child_process");
    const child = spawn(${JSON.stringify(path)}, [String(process.pid), "cat"], { stdio: ["pipe", "inherit", "inherit"] });
    child.once("spawn", () => process.stderr.write("started"));`;
    const parent = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "pipe"] });
    await once(parent.stderr, "data");
    const ended = once(parent.stdout.resume(), "end");
    parent.kill("SIGKILL");
    // The grandchild held the other end of this pipe too.
    await ended;
  },
);

test.runIf(path !== "")("a launched program is the same process, with its exit code", () => {
  const program = `process.stdout.write(String(process.ppid)); process.exit(7)`;
  const given = [String(process.pid), process.execPath, "-e", program];
  const { status, stdout, pid } = spawnSync(path, given, { encoding: "utf8" });
  expect({ status, stdout, started: pid > 0 }).toEqual({
    status: 7,
    stdout: String(process.pid),
    started: true,
  });
});

test.runIf(path !== "").each([
  ["a parent that is gone", ["1", "cat"], "the parent has ended"],
  ["no number", ["x", "cat"], "the parent is not the number of a process"],
  ["no program", [String(process.pid)], "usage is"],
  ["a program that does not exist", [String(process.pid), "/nonexistent"], "No such file"],
])("a launch with %s is refused", (_, given, reason) => {
  const { status, stderr } = spawnSync(path, given, { encoding: "utf8" });
  expect(status).toBe(127);
  expect(stderr).toContain(`Cannot launch: `);
  expect(stderr).toContain(reason);
});
