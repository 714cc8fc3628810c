import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import { refusalAdvice } from "../../src/worker/launch/sandbox/refusal.ts";

const DENIED = "bwrap: setting up uid map: Permission denied";

/** Settings of a system, as files. */
function settings(values: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "amphis-settings-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [file, value] of Object.entries(values)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${value}\n`);
  }
  return folder;
}

test.each([
  ["user/max_user_namespaces", "0", "96365", "user.max_user_namespaces=15000"],
  ["kernel/unprivileged_userns_clone", "0", "1", "kernel.unprivileged_userns_clone=1"],
  ["kernel/apparmor_restrict_unprivileged_userns", "1", "0", "AppArmor"],
] as const)("a system that refuses namespaces by %s is told apart", (file, off, on, advice) => {
  expect(refusalAdvice(DENIED, settings({ [file]: off }), false)).toContain(advice);
  expect(refusalAdvice(DENIED, settings({ [file]: on }), false)).toContain("in a container");
});

test("root is not held by what holds ordinary users, and what is not known is not guessed", () => {
  const folder = settings({ "kernel/unprivileged_userns_clone": "0" });
  expect(refusalAdvice("bwrap: Can't find source path /nothing", folder, true)).toBeUndefined();
  expect(refusalAdvice("bwrap: Can't find source path /nothing", folder, false)).toContain(
    "kernel.unprivileged_userns_clone=1",
  );
});
