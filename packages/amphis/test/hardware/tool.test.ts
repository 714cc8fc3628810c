import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { Hardware, type Machine, thisMachine } from "../../src/hardware/index.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "amphis-hardware-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** This machine, where tools are scripts of a folder of their own. */
async function machineWith(
  tools: Readonly<Record<string, string>>,
  { timeoutMs = 20_000, env = {} }: { timeoutMs?: number; env?: Record<string, string> } = {},
): Promise<Machine> {
  for (const [name, script] of Object.entries(tools)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
  return thisMachine({ timeoutMs, env: { PATH: `${folder}:/usr/bin:/bin`, ...env } });
}

async function absenceWith(script: string, timeoutMs?: number) {
  const machine = await machineWith(
    { "nvidia-smi": script },
    timeoutMs === undefined ? {} : { timeoutMs },
  );
  const { absent } = await new Hardware({ machine }).detect();
  return absent.find(({ kind }) => kind === "cuda");
}

/** A process that has ended and that nobody has asked for is still in the list. */
function isRunning(pid: number): boolean {
  try {
    const state = execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
    return !state.startsWith("Z");
  } catch {
    return false;
  }
}

if (process.platform === "win32") {
  test("tools of vendors", ({ skip }) => skip("scripts of a shell stand for them"));
} else {
  describe("tool of a vendor", () => {
    test("is found on the PATH and believed", async () => {
      const line = "0, GPU-aaaaaaaa-0000, Test GPU, 1.2, 100, 50, 40, 7, 9.0, Disabled";
      const machine = await machineWith({
        "nvidia-smi": `case $1 in --query*) echo "${line}";; *) echo "CUDA Version : 12.9";; esac`,
      });
      const { devices } = await new Hardware({ machine }).detect();
      expect(devices[1]).toMatchObject({ id: "cuda:0", name: "Test GPU", cuda: "12.9" });
    });

    test("that ends with an error is no device", async () => {
      expect(await absenceWith("echo no driver; exit 9")).toEqual({
        kind: "cuda",
        reason: "driver",
        detail: "no driver",
        exitCode: 9,
      });
    });

    test("that hangs is killed, with a child of it that holds its output", async () => {
      const script = `sleep 600 & echo $! > "${folder}/child"; sleep 600`;
      expect(await absenceWith(script, 1_000)).toMatchObject({ reason: "timeout" });
      const child = Number(await readFile(join(folder, "child"), "utf8"));
      await vi.waitFor(() => expect(isRunning(child)).toBe(false), { timeout: 20_000 });
    });

    test("that ends by a signal is no device", async () => {
      expect(await absenceWith("kill -KILL $$")).toMatchObject({
        reason: "tool-failed",
        detail: "nvidia-smi: it was ended by SIGKILL",
      });
    });

    test("that never stops talking is not believed", async () => {
      expect(await absenceWith("exec yes 0, GPU-aaaaaaaa, x, 1, 1, 1, 1, 1, 1, 1")).toMatchObject({
        reason: "tool-failed",
        detail: "nvidia-smi: it wrote more than 4194304 bytes",
      });
    });

    test("that says bytes of no text is no device", async () => {
      expect(await absenceWith(String.raw`printf '\377\376\000\001'`)).toMatchObject({
        reason: "unreadable",
      });
    });

    test("that may not be run is no device", async () => {
      const machine = await machineWith({ "nvidia-smi": "" }, { env: { PATH: folder } });
      await chmod(join(folder, "nvidia-smi"), 0o644);
      const { absent } = await new Hardware({ machine }).detect();
      expect(absent[0]).toMatchObject({ kind: "cuda", reason: "tool-failed" });
    });

    test("sees all devices, whatever is hidden from programs", async () => {
      const machine = await machineWith(
        { rocminfo: 'echo "[$ROCR_VISIBLE_DEVICES]"' },
        { env: { ROCR_VISIBLE_DEVICES: "1" } },
      );
      expect(await machine.run("rocminfo", [])).toMatchObject({ stdout: "[]\n" });
    });
  });
}

test("this machine has a processor, with what this process gets of it", async () => {
  const hardware = new Hardware();
  const { devices } = await hardware.detect();
  const { cores, memoryBytes, kinds } = await hardware.capabilities();
  expect(devices[0]).toMatchObject({ kind: "cpu", architecture: process.arch });
  expect(kinds).toContain("cpu");
  expect(cores).toBeGreaterThanOrEqual(1);
  expect(memoryBytes).toBeGreaterThan(2 ** 26);
});

test("GPUs of this machine have names and memory", async ({ skip }) => {
  const { devices, absent } = await new Hardware().detect();
  const gpus = devices.filter(({ kind }) => kind !== "cpu");
  if (gpus.length === 0) skip(absent.map(({ kind, detail }) => `${kind}: ${detail}`).join("; "));
  for (const { name, memoryBytes } of gpus) {
    expect(name).not.toBe("unknown");
    expect(memoryBytes ?? 1).toBeGreaterThan(0);
  }
});

test.each([0, -1, Number.NaN, 2 ** 31])("time of %d for tools is refused", (timeoutMs) => {
  expect(() => thisMachine({ timeoutMs })).toThrow(RangeError);
});
