import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openPython } from "amphis";
import { expect, onTestFinished, test } from "vitest";

import { findPython, isolationSupport } from "../../src/worker/index.ts";
import { HERE, ruleOf } from "./opened.ts";

const NOBODY = 65_534;

test("an ordinary user has the same sandbox as root", async ({ skip }) => {
  // Where tests run as an ordinary user, all the others show it.
  if (process.getuid?.() !== 0) skip("this is an ordinary user already");
  // This process runs nothing else, and is nobody from here on.
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
  const folder = mkdtempSync(join(tmpdir(), "amphis-canary-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // The one of these tests may be in a folder of root's.
  const found = await findPython({ python: "/usr/bin/python3" }).catch((error: Error) => error);
  if (found instanceof Error) skip(found.message);
  const { path: python } = found as { readonly path: string };
  const { isSandboxed, missing } = await isolationSupport({ python });
  if (!isSandboxed) skip(`no sandbox for ordinary users: ${missing.join("; ")}`);
  const policy = { ctypes: true };
  await using py = await openPython({
    config: false,
    python,
    workers: 1,
    path: HERE,
    isolation: "sandboxed",
    policy,
  });
  expect(await py.call("os:getuid")).toBe(NOBODY);
  expect(await py.call("escape:write_raw", [join(folder, "canary")])).toMatch(/^E/u);
  expect(await py.call("escape:fork_raw")).toBe("EPERM");
  expect(await py.call("escape:tcp_raw", [9])).toMatch(/^E/u);
  expect(await ruleOf(py.call("os:system", ["true"]))).toBe("processes");
  expect(await py.call("escape:temporary")).toBe("here");
  expect(existsSync(join(folder, "canary"))).toBe(false);
});
