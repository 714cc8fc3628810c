import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { recommended } from "./recommended.ts";

const uid = process.getuid?.() ?? -1;
let temporaryFolder = "";

beforeEach(() => {
  temporaryFolder = mkdtempSync(join(tmpdir(), "amphis-"));
});
afterEach(() => rmSync(temporaryFolder, { recursive: true }));

const linux = { platform: "linux", runtimeFolder: undefined, uid } as const;

test("on Windows it is a named pipe", () => {
  const surroundings = { ...linux, platform: "win32", temporaryFolder } as const;
  expect(recommended("bus", surroundings)).toBe("pipe:bus");
});

test("elsewhere it is a socket in the user's runtime folder", () => {
  const surroundings = { ...linux, temporaryFolder, runtimeFolder: "/run/user/1000" };
  expect(recommended("bus", surroundings)).toBe("unix:/run/user/1000/bus.sock");
});

test("without a runtime folder it is in one that only the user enters", () => {
  const folder = join(temporaryFolder, `amphis-${uid}`);
  expect(recommended("bus", { ...linux, temporaryFolder })).toBe(`unix:${folder}/bus.sock`);
  expect(recommended("bus", { ...linux, temporaryFolder })).toBe(`unix:${folder}/bus.sock`);
  expect(lstatSync(folder).mode & 0o777).toBe(0o700);
});

test("a folder that others can enter is refused", () => {
  const folder = join(temporaryFolder, `amphis-${uid}`);
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  expect(() => recommended("bus", { ...linux, temporaryFolder })).toThrow(
    expect.objectContaining({ code: "ADDRESS_INVALID" }),
  );
});

test("a name that leaves the folder is refused", () => {
  expect(() => recommended("../bus", { ...linux, temporaryFolder })).toThrow(
    expect.objectContaining({ code: "ADDRESS_INVALID" }),
  );
});
