import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { openPython } from "amphis";
import { describe, expect, onTestFinished, test, vi } from "vitest";

import { findPython, isolationSupport } from "../../src/worker/index.ts";
import { hasFilter, systemCallFilter } from "../../src/worker/launch/sandbox/system-call-filter.ts";

const { path: python } = await findPython();

describe("what a machine cannot enforce", () => {
  test("is an error that says what is missing, and never less isolation", async () => {
    vi.stubEnv("AMPHIS_BWRAP", "/nonexistent/bwrap");
    onTestFinished(() => void vi.unstubAllEnvs());
    const support = await isolationSupport({ python });
    expect(support).toMatchObject({ isSandboxed: false, landlock: 0 });
    expect(support.missing.join()).toMatch(/bubblewrap|Linux|native core/u);
    const opening = openPython({ config: false, python, isolation: "sandboxed" });
    await expect(opening).rejects.toMatchObject({
      code: "ISOLATION_UNSUPPORTED",
      isolation: "sandboxed",
      missing: support.missing,
    });
  });

  test("shows when it is tried: a bubblewrap that may not unshare says so", async () => {
    const folder = mkdtempSync(join(tmpdir(), "amphis-bwrap-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const refusing = join(folder, "bwrap");
    const words = "bwrap: setting up uid map: Permission denied";
    writeFileSync(refusing, `#!/bin/sh\necho '${words}' >&2\nexit 1\n`);
    chmodSync(refusing, 0o755);
    vi.stubEnv("AMPHIS_BWRAP", refusing);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { missing } = await isolationSupport({ python });
    expect(missing.join()).toMatch(/Permission denied|Linux|native core/u);
  });

  test("a sandbox without the process that workers are forked from is refused", async () => {
    const opening = openPython({ config: false, isolation: "sandboxed", forkServer: false });
    await expect(opening).rejects.toMatchObject({ code: "ISOLATION_UNSUPPORTED" });
  });
});

describe("the filter of system calls", () => {
  test.each(["x64", "arm64"] as const)("of %s lets no jump lead behind its end", (machine) => {
    const bytes = Buffer.from(systemCallFilter(machine));
    const count = bytes.length / 8;
    expect(Number.isInteger(count)).toBe(true);
    expect(count).toBeLessThan(4_096);
    for (let index = 0; index < count; index += 1) {
      const code = bytes.readUInt16LE(index * 8);
      const isJump = (code & 7) === 5;
      const furthest = Math.max(bytes[index * 8 + 2] ?? 0, bytes[index * 8 + 3] ?? 0);
      expect(isJump ? index + 1 + furthest : index).toBeLessThan(count);
    }
    expect(bytes.readUInt16LE((count - 1) * 8)).toBe(6);
  });

  test("is there for the processors that it was written for", () => {
    expect(["x64", "arm64", "riscv64", "toString"].map(hasFilter)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
