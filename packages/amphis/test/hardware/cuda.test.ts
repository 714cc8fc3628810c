import { describe, expect, test } from "vitest";

import { type CudaDevice, Hardware } from "../../src/hardware/index.ts";
import { nvidiaSmi, recordedMachine, type Recording, said } from "./recorded-machine.ts";

const MIB = 1_048_576;
type Tool = (args: readonly string[]) => ReturnType<typeof said>;

async function detected(tool: Tool, recording: Recording = {}) {
  const machine = recordedMachine({ ...recording, tools: { "nvidia-smi": tool } });
  const { devices, absent } = await new Hardware({ machine }).detect();
  return {
    gpus: devices.filter((device): device is CudaDevice => device.kind === "cuda"),
    absence: absent.find(({ kind }) => kind === "cuda"),
  };
}

describe("GPUs of NVIDIA", () => {
  test("are read from a laptop, with the version of CUDA", async () => {
    const { gpus, absence } = await detected(nvidiaSmi("nvidia-smi-rtx-4070-laptop"));
    expect(absence).toBeUndefined();
    expect(gpus).toEqual([
      {
        kind: "cuda",
        id: "cuda:0",
        index: 0,
        uuid: "GPU-1b724e78-eef5-4163-d43c-e4da15d41176",
        name: "NVIDIA GeForce RTX 4070 Laptop GPU",
        isVisible: true,
        isSplit: false,
        driver: "566.36",
        cuda: "12.7",
        computeCapability: "8.9",
        memoryBytes: 8_188 * MIB,
        freeBytes: 7_948 * MIB,
        temperatureCelsius: 42,
        utilization: 0,
      },
    ]);
  });

  test("are counted as the tool counts them", async () => {
    const { gpus } = await detected(nvidiaSmi("nvidia-smi-a40x2"));
    expect(gpus.map(({ id, temperatureCelsius, uuid }) => [id, temperatureCelsius, uuid])).toEqual([
      ["cuda:0", 29, undefined],
      ["cuda:1", 30, undefined],
    ]);
  });

  test("that are split say so, and leave out what the tool does not tell then", async () => {
    const { gpus } = await detected(nvidiaSmi("nvidia-smi-a100-mig"));
    expect(gpus).toMatchObject([
      {
        isSplit: true,
        computeCapability: "8.0",
        cuda: "12.2",
        memoryBytes: 81_920 * MIB,
        freeBytes: undefined,
        temperatureCelsius: undefined,
        utilization: undefined,
      },
    ]);
  });

  test("are read with a tool that is too old to know all columns", async () => {
    const { gpus } = await detected(nvidiaSmi("nvidia-smi-rtx-2060", { columns: 8 }));
    expect(gpus).toMatchObject([
      {
        name: "GeForce RTX 2060",
        driver: "460.91.03",
        cuda: undefined,
        computeCapability: undefined,
        isSplit: false,
        temperatureCelsius: 36,
        utilization: 0.2,
      },
    ]);
  });

  test("may have names with commas", async () => {
    const line =
      "3, GPU-aaaaaaaa-0000, Some, name, with commas, 550.1, 100, 50, 40, 7, 9.0, Disabled\n";
    const { gpus } = await detected(() => said(line));
    expect(gpus).toMatchObject([
      { id: "cuda:3", name: "Some, name, with commas", driver: "550.1" },
    ]);
  });
});

describe("CUDA_VISIBLE_DEVICES", () => {
  test.each([
    ["hides all when it is empty", "", []],
    ["hides all when it begins with what is no device", "-1,0", []],
    ["shows places", "1", [1]],
    ["ends at what is no device", "0,7,1", [0]],
    ["shows a device that is named twice once", "1,1", [1]],
  ])("%s", async (_, list, visible) => {
    const { gpus } = await detected(nvidiaSmi("nvidia-smi-a40x2"), {
      env: { CUDA_VISIBLE_DEVICES: list },
    });
    expect(gpus).toHaveLength(2);
    expect(gpus.filter((gpu) => gpu.isVisible).map(({ index }) => index)).toEqual(visible);
  });

  test.each([
    ["the beginning of a unique name", "nvidia-smi-rtx-4070-laptop", "GPU-1b724e78", true],
    ["another unique name", "nvidia-smi-rtx-4070-laptop", "GPU-2b724e78", false],
    [
      "a part of a GPU that is split",
      "nvidia-smi-a100-mig",
      "MIG-feb88891-0321-5fef-9c87-d4af3b54259e",
      true,
    ],
    ["a part where no GPU is split", "nvidia-smi-rtx-4070-laptop", "MIG-feb88891", false],
  ])("shows by %s", async (_, recording, list, isVisible) => {
    const { gpus } = await detected(nvidiaSmi(recording), { env: { CUDA_VISIBLE_DEVICES: list } });
    expect(gpus).toMatchObject([{ isVisible }]);
  });
});

describe("tool of NVIDIA", () => {
  const noDriver =
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n\n";
  const mismatch =
    "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 550.1\n";

  test.each([
    ["cannot reach its driver", said(noDriver, 9), "driver", noDriver.trim(), 9],
    [
      "is of another version than its driver",
      said(mismatch, 18),
      "driver",
      "Failed to initialize NVML: Driver/library version mismatch",
      18,
    ],
    [
      "finds no device",
      said("No devices were found\n", 6),
      "no-device",
      "nvidia-smi lists no GPU",
      6,
    ],
    [
      "finds no device and calls that well",
      said("No devices were found\n"),
      "no-device",
      "nvidia-smi lists no GPU",
      undefined,
    ],
    ["says nothing", said(""), "no-device", "nvidia-smi lists no GPU", undefined],
    [
      "fails otherwise",
      said("", 255, "Segmentation fault"),
      "tool-failed",
      "nvidia-smi ended with 255: Segmentation fault",
      255,
    ],
    [
      "says something else",
      said("<html>\u001b[2J"),
      "unreadable",
      "nvidia-smi said: <html>?[2J",
      undefined,
    ],
    [
      "says zeroes",
      said("\u0000".repeat(9)),
      "unreadable",
      `nvidia-smi said: ${"?".repeat(9)}`,
      undefined,
    ],
    [
      "does not answer",
      { kind: "timeout", timeoutMs: 50 },
      "timeout",
      "nvidia-smi did not answer within 50 ms",
      undefined,
    ],
    [
      "cannot be run",
      { kind: "failed", detail: "spawn EACCES" },
      "tool-failed",
      "nvidia-smi: spawn EACCES",
      undefined,
    ],
    [
      "is not installed",
      { kind: "missing" },
      "tool-missing",
      "nvidia-smi is not installed",
      undefined,
    ],
  ] as const)("%s: that is the reason", async (_, result, reason, detail, exitCode) => {
    const { gpus, absence } = await detected(() => result as ReturnType<typeof said>);
    expect(gpus).toEqual([]);
    expect(absence).toEqual({ kind: "cuda", reason, detail, exitCode });
  });

  test("has lines that are no devices left out, and figures that are none", async () => {
    const lines = [
      "0, GPU-aaaaaaaa-0000, Good, 1, 1e9, -5, ERR!, 400, x, y",
      "99999999999999999999, u, Index too large, 1, 1, 1, 1, 1, 1, 1",
      "-1, u, Negative, 1, 1, 1, 1, 1, 1, 1",
      "1, u, [N/A], 1, 1, 1, 1, 1, 1, 1",
      "2, too, few",
    ];
    const { gpus } = await detected(() => said(lines.join("\n")));
    expect(gpus).toHaveLength(1);
    expect(gpus).toMatchObject([
      {
        name: "Good",
        memoryBytes: undefined,
        freeBytes: undefined,
        temperatureCelsius: undefined,
        utilization: undefined,
        computeCapability: undefined,
      },
    ]);
  });
});
