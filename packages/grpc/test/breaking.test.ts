import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const buf = fileURLToPath(new URL("node_modules/@bufbuild/buf/bin/buf", root));
const released = fileURLToPath(new URL("spec/proto/released.json", root));
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "amphis-proto-"));
  cpSync(fileURLToPath(new URL("spec/proto", root)), folder, { recursive: true });
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What buf says about the copy beside the released image; empty when nothing breaks. */
function breakages(): string {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [buf, "breaking", folder, "--against", released],
    { encoding: "utf8" },
  );
  return stdout + stderr;
}

function change(file: string, from: string, to: string): void {
  const path = join(folder, "amphis/v1", file);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

describe("beside the released image", () => {
  test("the messages of spec/proto break nothing", () => {
    expect(breakages()).toBe("");
  });

  test("a new field breaks nothing", () => {
    change(
      "hello.proto",
      "repeated string capabilities = 7;",
      "repeated string capabilities = 7;\n  string region = 8;",
    );
    expect(breakages()).toBe("");
  });

  test.each([
    ["hello.proto", "string product = 1;", "bytes product = 1;", "changed type"],
    ["hello.proto", "string product = 1;", "", "was deleted"],
    ["reference.proto", "uint64 holder = 5;", "uint64 holder = 9;", "was deleted"],
    ["stream.proto", "message EndOfStream {}", "message End {}", "EndOfStream"],
    ["envelope.proto", "PRIORITY_LOW = 1;", "PRIORITY_LOW = 7;", 'on enum "Priority" was deleted'],
  ])("%s with %j as %j is found to break programs", (file, from, to, said) => {
    change(file, from, to);
    expect(breakages()).toContain(said);
  });
});
