import { expect, test } from "vitest";

import { completeLockfile, missingOptionalPackages, platformOf } from "./complete.mjs";

test("binaries of other platforms are added with the version that their owner pins", () => {
  const packages = {
    "node_modules/tool": {
      version: "1.2.3",
      dev: true,
      optionalDependencies: { "@tool/linux-x64-musl": "1.2.3", "@tool/darwin-arm64": "1.2.3" },
    },
    "node_modules/@tool/darwin-arm64": { version: "1.2.3", optional: true },
  };
  expect(missingOptionalPackages(packages).map(({ name }) => name)).toEqual([
    "@tool/linux-x64-musl",
  ]);
  expect(completeLockfile(packages)).toEqual(["node_modules/@tool/linux-x64-musl"]);
  expect(Object.entries(packages)[1]).toEqual([
    "node_modules/@tool/linux-x64-musl",
    { version: "1.2.3", cpu: ["x64"], dev: true, libc: ["musl"], optional: true, os: ["linux"] },
  ]);
  expect(missingOptionalPackages(packages)).toEqual([]);
});

test.each([
  ["@oxfmt/binding-linux-arm-gnueabihf", { os: ["linux"], cpu: ["arm"], libc: ["glibc"] }],
  ["@bufbuild/buf-linux-aarch64", { os: ["linux"], cpu: ["arm64"] }],
  ["@oxlint/binding-win32-x64-msvc", { os: ["win32"], cpu: ["x64"] }],
])("name of %s tells its platform", (name, expected) => {
  expect(platformOf(name)).toEqual(expected);
});

test("package that is not pinned or names no platform is refused", () => {
  expect(() =>
    completeLockfile({ a: { optionalDependencies: { "b-linux-x64": "^1.0.0" } } }),
  ).toThrow(
    "Cannot complete the lockfile: b-linux-x64 is wanted as ^1.0.0, which is not one version",
  );
  expect(() => completeLockfile({ a: { optionalDependencies: { fast: "1.0.0" } } })).toThrow(
    "Cannot complete the lockfile: the name of fast does not tell its platform",
  );
});
