import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { openPython } from "amphis";
import { describe, expect, test } from "vitest";

import { findPython, isolationSupport } from "../../src/worker/index.ts";
import { opened, whyNoSandbox } from "./opened.ts";

const { path: python } = await findPython();
const { controlGroups } = await isolationSupport({ python });
const folder = controlGroups.isAvailable ? controlGroups.folder : "";
const MEBIBYTE = 1 << 20;

/** Groups of workers that are there now, of all programs. */
function groups(): readonly string[] {
  return readdirSync(folder).filter((name) => /^amphis-[\d-]+-[\da-f]{12}$/u.test(name));
}

function groupOf(pid: number): string {
  const [, path = ""] = /^0::(.*)$/mu.exec(readFileSync(`/proc/${pid}/cgroup`, "latin1")) ?? [];
  return path;
}

test("hard limits without a limit that a group could hold are refused", async () => {
  const opening = openPython({ config: false, limits: { files: 64, hard: true } });
  await expect(opening).rejects.toThrow("give memoryBytes or processes");
});

if (!controlGroups.isAvailable) {
  test("hard limits are an error that says what is missing, and never softer ones", async () => {
    const limits = { memoryBytes: 256 * MEBIBYTE, hard: true };
    await expect(openPython({ config: false, limits })).rejects.toMatchObject({
      code: "ISOLATION_UNSUPPORTED",
      missing: [controlGroups.missing],
    });
  });

  test("a worker in a control group", ({ skip }) => skip(`lacks ${controlGroups.missing}`));
} else {
  describe("a worker in a control group", () => {
    test("is ended by the kernel for shared memory too, which is told as that", async () => {
      const py = await opened({ limits: { memoryBytes: 128 * MEBIBYTE, hard: true } });
      const pid = py.status().pools["default"]?.workers[0]?.pid ?? 0;
      expect(groupOf(pid)).toMatch(/\/amphis-[\d-]+-[\da-f]{12}$/u);
      expect(await py.call("escape:map_shared", [16])).toBe(16);
      await expect(py.call("escape:map_shared", [256])).rejects.toMatchObject({
        code: "WORKER_CRASHED",
        message: expect.stringContaining("out of memory") as string,
      });
      expect(await py.call("escape:map_shared", [16])).toBe(16);
    });

    test("that is killed by hand did not run out of memory", async () => {
      const py = await opened({ limits: { memoryBytes: 128 * MEBIBYTE, hard: true } });
      await expect(py.call("escape:kill_self")).rejects.toMatchObject({
        code: "WORKER_CRASHED",
        message: expect.not.stringContaining("out of memory") as string,
      });
    });

    test("starts no more processes than it may, whoever it is", async () => {
      const py = await opened({ limits: { processes: 24, hard: true } });
      const [how, count] = await py.call<[string, number]>("escape:start_many", [200]);
      expect(how).toBe("EAGAIN");
      expect(count).toBeLessThan(24);
      expect(await py.call("math:sqrt", [4])).toBe(2);
    });

    test("leaves no group behind, however it ends", async () => {
      const before = new Set(groups());
      const py = await opened({ limits: { memoryBytes: 128 * MEBIBYTE, hard: true }, workers: 2 });
      await expect(py.call("os:abort")).rejects.toMatchObject({ code: "WORKER_CRASHED" });
      expect(await py.call("math:sqrt", [4])).toBe(2);
      expect(groups().length).toBeGreaterThan(before.size);
      await py.close();
      await expect.poll(() => groups().filter((name) => !before.has(name))).toEqual([]);
    });

    test("of a program that was killed is removed by the next", async () => {
      const program = fileURLToPath(new URL("../programs/grouped-worker.mjs", import.meta.url));
      const run = (): ReturnType<typeof spawn> =>
        spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
      const first = run();
      await once(first.stdout ?? first, "data");
      const left = groups().filter((name) => name.includes(`-${first.pid}-`));
      expect(left.length).toBeGreaterThan(0);
      first.kill("SIGKILL");
      await once(first, "exit");
      await expect
        .poll(() => readFileSync(join(folder, left[0] ?? "", "cgroup.procs"), "latin1"))
        .toBe("");
      const second = run();
      await once(second.stdout ?? second, "data");
      expect(left.filter((name) => existsSync(join(folder, name)))).toEqual([]);
      second.stdin?.end();
      await once(second, "exit");
      expect(groups().filter((name) => name.includes(`-${second.pid}-`))).toEqual([]);
    });

    test("has one by itself where it is sandboxed", async ({ skip }) => {
      const why = await whyNoSandbox();
      if (why !== undefined) skip(why);
      const limits = { memoryBytes: 128 * MEBIBYTE };
      const py = await opened({ isolation: "sandboxed", limits });
      const pid = py.status().pools["default"]?.workers[0]?.pid ?? 0;
      expect(groupOf(pid)).toMatch(/\/amphis-[\d-]+-[\da-f]{12}$/u);
      await expect(py.call("escape:map_shared", [256])).rejects.toMatchObject({
        message: expect.stringContaining("out of memory") as string,
      });
    });
  });
}
