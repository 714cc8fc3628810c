import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { findConfig } from "amphis/config";
import { expect, test } from "vitest";

import { folderWith } from "./folders.ts";

test("the nearest configuration above the working folder is found", async () => {
  const root = await folderWith({
    "amphis.config.toml": "",
    "packages/a/amphis.config.json": "{}",
    "packages/a/src/deep/x.ts": "",
    "packages/b/x.ts": "",
  });
  expect(findConfig(join(root, "packages/a/src/deep"))).toBe(
    join(root, "packages/a/amphis.config.json"),
  );
  expect(findConfig(join(root, "packages/b"))).toBe(join(root, "amphis.config.toml"));
  expect(findConfig(root)).toBe(join(root, "amphis.config.toml"));
});

test("the search ends at the root of the project", async () => {
  const root = await folderWith({
    "amphis.config.json": "{}",
    "git/src/x.ts": "",
    "workspaces/package.json": `{ "workspaces": ["packages/*"] }`,
    "workspaces/packages/a/package.json": "{}",
    "package/package.json": "{}",
    "package/src/x.ts": "",
    "broken/package.json": "{",
  });
  await mkdir(join(root, "git/.git"));
  expect(findConfig(join(root, "git/src"))).toBeUndefined();
  expect(findConfig(join(root, "workspaces/packages/a"))).toBeUndefined();
  expect(findConfig(join(root, "package/src"))).toBe(join(root, "amphis.config.json"));
  expect(findConfig(join(root, "broken"))).toBe(join(root, "amphis.config.json"));
});

test("a folder named as a configuration is none", async () => {
  const root = await folderWith({ "amphis.config.ts/x": "" });
  expect(findConfig(root)).toBeUndefined();
});

test("two configurations in one folder are refused by name", async () => {
  const root = await folderWith({ "amphis.config.ts": "", "amphis.config.json": "{}" });
  expect(() => findConfig(root)).toThrow(
    expect.objectContaining({
      code: "CONFIG_AMBIGUOUS",
      files: [join(root, "amphis.config.ts"), join(root, "amphis.config.json")],
    }),
  );
});

test("a configuration above that belongs to another user is not run", async ({ skip }) => {
  if (process.getuid?.() !== 0) skip("only root can give a file to another user");
  const { chown } = await import("node:fs/promises");
  const root = await folderWith({ "amphis.config.js": "throw 1", "below/x": "" });
  await chown(join(root, "amphis.config.js"), 54_321, 54_321);
  expect(() => findConfig(join(root, "below"))).toThrow(
    expect.objectContaining({ code: "CONFIG_UNTRUSTED", owner: 54_321 }),
  );
  // Whoever stands in the folder sees it, and the owner of the folder below has it from himself.
  expect(findConfig(root)).toBe(join(root, "amphis.config.js"));
  await chown(join(root, "below"), 54_321, 54_321);
  expect(findConfig(join(root, "below"))).toBe(join(root, "amphis.config.js"));
});
