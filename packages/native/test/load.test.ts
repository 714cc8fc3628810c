import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { expect, test } from "vitest";

import { buildLauncher, buildNode, buildPython } from "../src/build.ts";
import { loadNative } from "../src/index.ts";
import { packCore, packPlatform } from "../src/pack.ts";
import { installedFolder, platformPackage } from "../src/place.ts";

test("a core that is not built is unavailable and says how to build it", () => {
  expect(loadNative({ folder: "/nonexistent" })).toEqual({
    kind: "unavailable",
    reason: expect.stringContaining("npx amphis-native-build"),
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

test("a package for this platform is found, and its core works", ({ skip }) => {
  for (const built of [
    buildNode(),
    buildLauncher(),
    buildPython(process.env["AMPHIS_PYTHON"] ?? "python3"),
  ]) {
    if (built.kind === "unavailable") skip(built.reason);
    expect(built.kind).toBe("built");
  }
  const project = mkdtempSync(join(tmpdir(), "amphis-native-"));
  const from = pathToFileURL(join(project, "index.js")).href;
  expect(installedFolder(from)).toBeUndefined();
  packPlatform(join(project, "node_modules", platformPackage()));
  const folder = installedFolder(from);
  const manifest = JSON.parse(readFileSync(join(folder ?? "", "package.json"), "utf8")) as unknown;
  expect(manifest).toMatchObject({ os: [process.platform], cpu: [process.arch] });
  const native = loadNative({ folder });
  expect(native).toMatchObject({ kind: "available", folder });
  rmSync(project, { recursive: true });
});

test("the published package asks for the binaries of every platform, of its own version", () => {
  const folder = mkdtempSync(join(tmpdir(), "amphis-native-"));
  packCore(folder);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    readonly version: string;
  };
  expect(manifest).toMatchObject({
    name: "@amphis/native",
    optionalDependencies: {
      "@amphis/native-linux-x64": manifest.version,
      "@amphis/native-linux-arm64": manifest.version,
    },
  });
  expect(existsSync(join(folder, "native", "ring.c"))).toBe(true);
  rmSync(folder, { recursive: true });
});
