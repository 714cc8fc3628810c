import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, onTestFinished, test } from "vitest";

import { bundleProgram } from "../programs.ts";

test("a process lives as long as a request of it waits, and not as long as one may that was answered", async () => {
  const folder = mkdtempSync(join(tmpdir(), "amphis-lifetime-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = await bundleProgram("bus-lifetime", folder);
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  expect(stdout.trim().split("\n")).toEqual(["answered", "REQUEST_TIMEOUT", "answered again"]);
});
