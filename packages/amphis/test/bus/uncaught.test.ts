import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, onTestFinished, test } from "vitest";

import { bundleProgram } from "../programs.ts";

test("what a handler or an observer throws is reported as uncaught, and the bus goes on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "amphis-uncaught-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = await bundleProgram("bus-uncaught", folder);
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  expect(stdout.trim().split("\n")).toEqual([
    "uncaught: plain",
    "uncaught: Cannot reach nobody: no endpoint takes requests for it",
    "uncaught: observer of draining",
    "uncaught: observer of closed",
    "closed",
  ]);
});
