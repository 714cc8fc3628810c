import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, test } from "vitest";

import { buildNode, buildPython } from "../src/build.ts";
import { loadNative } from "../src/index.ts";

test("a core that is not built is unavailable and says how to build it", () => {
  expect(loadNative({ folder: "/nonexistent" })).toEqual({
    kind: "unavailable",
    reason: expect.stringContaining("node packages/native/dist/build.js"),
  });
});

test("a file that is no addon is unavailable and says why", () => {
  const folder = mkdtempSync(join(tmpdir(), "amphis-native-"));
  writeFileSync(join(folder, "amphis.node"), "not a library");
  expect(loadNative({ folder })).toEqual({
    kind: "unavailable",
    reason: expect.stringContaining("cannot be loaded"),
  });
  rmSync(folder, { recursive: true });
});

test("a missing compiler is a reason and no exception", () => {
  const before = process.env["CC"];
  process.env["CC"] = "no-such-compiler";
  try {
    expect(buildNode()).toEqual({
      kind: "unavailable",
      reason: "no C compiler (no-such-compiler) found",
    });
  } finally {
    if (before === undefined) delete process.env["CC"];
    else process.env["CC"] = before;
  }
});

test("a missing interpreter is a reason and no exception", () => {
  expect(buildPython("no-such-python")).toEqual({
    kind: "unavailable",
    reason: expect.stringContaining("no-such-python knows no Python.h"),
  });
});
