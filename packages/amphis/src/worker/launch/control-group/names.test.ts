import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

import { expect, test } from "vitest";

import { isLeftOver, newName, ownPrefix } from "./names.ts";

const skipped = existsSync("/proc/self/stat") ? undefined : "this system has no /proc";

test("groups of a process are its own as long as it lives, and left over when it has ended", ({
  skip,
}) => {
  if (skipped !== undefined) skip(skipped);
  const name = newName();
  expect(name.startsWith(ownPrefix())).toBe(true);
  expect(newName()).not.toBe(name);
  expect(isLeftOver(name)).toBe(false);
  const { pid } = spawnSync(process.execPath, ["--version"]);
  expect(isLeftOver(name.replace(`-${process.pid}-`, `-${pid}-`))).toBe(true);
  // Another process has the number now.
  expect(isLeftOver(name.replace(/-\d+-(?=\w+$)/u, "-1-"))).toBe(true);
});

test("groups of other containers and of others altogether are left alone", ({ skip }) => {
  if (skipped !== undefined) skip(skipped);
  expect(isLeftOver(newName().replace(/^amphis-\d+/u, "amphis-1"))).toBe(false);
  for (const name of ["user.slice", "amphis", "amphis-1-2", "amphis-x-1-2-3", ""]) {
    expect(isLeftOver(name)).toBe(false);
  }
});
