import { describe, expect, test } from "vitest";

import { type CpuDevice, Hardware } from "../../src/hardware/index.ts";
import { recorded, recordedMachine, type Recording } from "./recorded-machine.ts";

const GIB = 2 ** 30;

async function cpuOf(recording: Recording): Promise<CpuDevice | undefined> {
  const { devices } = await new Hardware({ machine: recordedMachine(recording) }).detect();
  return devices.find((device): device is CpuDevice => device.kind === "cpu");
}

describe("processor of Linux", () => {
  test("is read from /proc", async () => {
    const cpu = await cpuOf({
      files: {
        "/proc/cpuinfo": recorded("cpuinfo-sapphire-rapids.txt"),
        "/proc/meminfo":
          "MemTotal:       24684096 kB\nMemFree:        22390512 kB\nMemAvailable:   24092548 kB\n",
      },
    });
    expect(cpu).toMatchObject({
      name: "Intel(R) Xeon(R) Processor",
      architecture: "x64",
      logicalCores: 2,
      physicalCores: 2,
      memoryBytes: 24_684_096 * 1_024,
      freeBytes: 24_092_548 * 1_024,
    });
    expect(cpu?.features).toEqual(expect.arrayContaining(["avx2", "avx512f", "fma"]));
  });

  test("has a name of numbers on ARM, and the features of its first core", async () => {
    const cpu = await cpuOf({ files: { "/proc/cpuinfo": recorded("cpuinfo-graviton2.txt") } });
    expect(cpu).toMatchObject({
      name: "ARM 0x41 0xd0c",
      logicalCores: 2,
      physicalCores: undefined,
    });
    expect(cpu?.features).toEqual(expect.arrayContaining(["asimd", "asimddp", "fphp"]));
  });

  test.each([
    ["nothing", {}],
    [
      "noise",
      { "/proc/cpuinfo": "\u0000\n:::\nflags : \u001b[2J", "/proc/meminfo": "MemTotal: -1 kB" },
    ],
  ])("is what Node knows of it when /proc has %s", async (_, files) => {
    const cpu = await cpuOf({
      files,
      basics: { model: " Some CPU ", memoryBytes: 5, freeBytes: 3 },
    });
    expect(cpu).toMatchObject({
      name: "Some CPU",
      logicalCores: 4,
      features: [],
      memoryBytes: 5,
      freeBytes: 3,
    });
  });
});

describe("limits of control groups", () => {
  const v2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";

  test("of v2 are the tightest on the way up", async () => {
    const cpu = await cpuOf({
      files: {
        "/proc/self/cgroup": "0::/kubepods/pod1/worker\n",
        "/proc/self/mountinfo": v2,
        "/sys/fs/cgroup/kubepods/memory.max": "2147483648\n",
        "/sys/fs/cgroup/kubepods/cpu.max": "max 100000\n",
        "/sys/fs/cgroup/kubepods/pod1/cpu.max": "150000 100000\n",
        "/sys/fs/cgroup/kubepods/pod1/worker/memory.max": "4294967296\n",
        "/sys/fs/cgroup/kubepods/pod1/worker/cpu.max": "max 100000\n",
      },
    });
    expect(cpu?.limits).toEqual({ cores: 1.5, memoryBytes: 2 * GIB, source: "cgroup v2" });
  });

  test("of v1 are found by controller, and the largest number is none", async () => {
    const files = {
      "/proc/self/cgroup":
        "9:name=systemd:/\n4:memory:/docker/abc\n2:cpu,cpuacct:/docker/abc\n0::/\n",
      "/proc/self/mountinfo":
        "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "1073741824\n",
      "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us": "50000\n",
      "/sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us": "100000\n",
    };
    expect((await cpuOf({ files }))?.limits).toEqual({
      cores: 0.5,
      memoryBytes: GIB,
      source: "cgroup v1",
    });
    const { "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": _, ...without } = files;
    expect((await cpuOf({ files: without }))?.limits).toEqual({ cores: 0.5, source: "cgroup v1" });
  });

  test("are those of the mount when a container does not show its own group", async () => {
    const cpu = await cpuOf({
      files: {
        "/proc/self/cgroup": "4:memory:/docker/outside\n",
        "/proc/self/mountinfo":
          "35 31 0:32 /docker/inside /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "536870912\n",
      },
    });
    expect(cpu?.limits).toEqual({ cores: 4, memoryBytes: GIB / 2, source: "cgroup v1" });
  });

  test.each([
    ["max", "max 100000"],
    ["", ""],
    ["-1", "0 0"],
    ["lots", "100000"],
    ["99999999999999999999", "1000000 100000"],
  ])("are none for %j and %j", async (memory, cpu) => {
    const files = {
      "/proc/self/cgroup": "0::/\n",
      "/proc/self/mountinfo": v2,
      "/sys/fs/cgroup/memory.max": memory,
      "/sys/fs/cgroup/cpu.max": cpu,
    };
    expect((await cpuOf({ files }))?.limits).toEqual({ cores: 4, source: "none" });
  });

  test("leave out lines that are none", async () => {
    const files = {
      "/proc/self/cgroup": "x\n0:\n0::relative\n",
      "/proc/self/mountinfo": "\n - \nx y - cgroup2",
    };
    expect((await cpuOf({ files }))?.limits).toEqual({ cores: 4, source: "none" });
  });
});
