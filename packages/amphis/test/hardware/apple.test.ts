import { describe, expect, test } from "vitest";

import { Hardware, type ToolResult } from "../../src/hardware/index.ts";
import { recorded, recordedMachine, said } from "./recorded-machine.ts";

const GIB = 2 ** 30;

function mac(profiler: ToolResult, sysctl: ToolResult = { kind: "missing" }): Hardware {
  const machine = recordedMachine({
    platform: "darwin",
    architecture: "arm64",
    tools: { system_profiler: () => profiler, sysctl: () => sysctl },
    basics: { model: "Apple M1", memoryBytes: 16 * GIB, freeBytes: 3 * GIB, logicalCores: 8 },
  });
  return new Hardware({ machine });
}

const m1 = said(recorded("system-profiler-m1.json"));

describe("GPU of Apple silicon", () => {
  test("is read from system_profiler, and has the memory of the machine", async () => {
    const { devices } = await mac(m1).detect();
    expect(devices[1]).toEqual({
      kind: "mps",
      id: "mps",
      name: "Apple M1",
      isVisible: true,
      cores: 7,
      metal: "metal3",
      memoryBytes: 16 * GIB,
      freeBytes: 3 * GIB,
    });
  });

  test.each<[string, ToolResult, string]>([
    [
      "a display of a virtual machine",
      said('{"SPDisplaysDataType":[{"_name":"Display"}]}'),
      "no-device",
    ],
    ["no display", said('{"SPDisplaysDataType":[]}'), "no-device"],
    ["nothing that is one", said('{"SPDisplaysDataType":[null,7,"x"]}'), "no-device"],
    ["another report", said("{}"), "unreadable"],
    ["null", said("null"), "unreadable"],
    ["half a report", said('{"SPDisplays'), "unreadable"],
    ["a failure", said("", 1), "tool-failed"],
  ])("is not there when the tool says %s", async (_, profiler, reason) => {
    const { absent } = await mac(profiler).detect();
    expect(absent.find(({ kind }) => kind === "mps")).toMatchObject({ reason });
  });
});

describe("processor of a Mac", () => {
  test("is read from sysctl, also when it does not know all names", async () => {
    const sysctl = said(
      recorded("sysctl-m1-pro.txt"),
      1,
      "sysctl: unknown oid 'machdep.cpu.features'",
    );
    const { devices } = await mac(m1, sysctl).detect();
    expect(devices[0]).toMatchObject({
      kind: "cpu",
      name: "Apple M1 Pro",
      architecture: "arm64",
      logicalCores: 10,
      physicalCores: 10,
      features: ["FEAT_DotProd", "armv8_2_sha3", "floatingpoint", "neon", "neon_fp16"],
      memoryBytes: 16 * GIB,
    });
  });

  test.each<[string, ToolResult]>([
    ["is missing", { kind: "missing" }],
    ["says nothing of use", said("hw.ncpu: many\nhw.memsize: 0\n: \n\u0000")],
  ])("is what Node knows of it when sysctl %s", async (_, sysctl) => {
    const { devices } = await mac(m1, sysctl).detect();
    expect(devices[0]).toMatchObject({
      name: "Apple M1",
      logicalCores: 8,
      memoryBytes: 16 * GIB,
      features: [],
    });
  });
});
