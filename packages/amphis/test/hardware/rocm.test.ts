import { describe, expect, test } from "vitest";

import { Hardware, type RocmDevice, type ToolResult } from "../../src/hardware/index.ts";
import { recorded, recordedMachine, type Recording, said } from "./recorded-machine.ts";

const missing: ToolResult = { kind: "missing" };

async function detected(smi: ToolResult, info: ToolResult, recording: Recording = {}) {
  const tools = { "rocm-smi": () => smi, rocminfo: () => info };
  const machine = recordedMachine({ ...recording, tools });
  const { devices, absent } = await new Hardware({ machine }).detect();
  return {
    gpus: devices.filter((device): device is RocmDevice => device.kind === "rocm"),
    absence: absent.find(({ kind }) => kind === "rocm"),
  };
}

describe("GPUs of AMD", () => {
  test("are read from rocm-smi of ROCm 6", async () => {
    const { gpus, absence } = await detected(said(recorded("rocm-smi-7900xt.json")), missing);
    expect(absence).toBeUndefined();
    expect(gpus).toEqual([
      {
        kind: "rocm",
        id: "rocm:0",
        index: 0,
        name: "Radeon RX 7900 XT",
        isVisible: true,
        architecture: "gfx1100",
        memoryBytes: 21_458_059_264,
        freeBytes: 21_458_059_264 - 27_856_896,
        utilization: 0,
      },
    ]);
  });

  test("are read from rocm-smi of ROCm 4, which rocminfo completes", async () => {
    const { gpus } = await detected(
      said(recorded("rocm-smi-vega-4.3.json")),
      said(recorded("rocminfo-mi250.txt")),
    );
    expect(gpus).toMatchObject([
      {
        uuid: "GPU-02150e7d042a1124",
        driver: "5.9.25",
        temperatureCelsius: 40,
        architecture: "gfx90a",
        computeUnits: 104,
        name: "AMD Instinct MI250X/MI250",
      },
    ]);
  });

  test("are read behind a warning, in the order of their numbers", async () => {
    const { gpus } = await detected(said(recorded("rocm-smi-r9700-780m.txt")), missing);
    expect(
      gpus.map(({ id, architecture, name, utilization }) => [id, architecture, name, utilization]),
    ).toEqual([
      ["rocm:0", "gfx1201", "gfx1201", 0.03],
      ["rocm:1", "gfx1103", "gfx1103", 0],
    ]);
  });

  test("are read from rocminfo alone, without the processor", async () => {
    const { gpus } = await detected(missing, said(recorded("rocminfo-7900xtx-x2.txt")));
    expect(
      gpus.map(({ id, uuid, name, computeUnits, memoryBytes }) => [
        id,
        uuid,
        name,
        computeUnits,
        memoryBytes,
      ]),
    ).toEqual([
      ["rocm:0", undefined, "Radeon RX 7900 XTX", 96, 25_149_440 * 1_024],
      ["rocm:1", "GPU-398a3f843a146602", "Radeon RX 7900 XTX", 96, 25_149_440 * 1_024],
    ]);
  });

  test("are not completed by rocminfo when it sees others", async () => {
    const { gpus } = await detected(
      said(recorded("rocm-smi-vega-4.3.json")),
      said(recorded("rocminfo-7900xtx-x2.txt")),
    );
    expect(gpus).toMatchObject([{ name: "unknown", architecture: undefined }]);
  });

  test.each([
    [{ ROCR_VISIBLE_DEVICES: "1" }, [1]],
    [{ ROCR_VISIBLE_DEVICES: "GPU-398a3f843a146602" }, [1]],
    [{ HIP_VISIBLE_DEVICES: "0" }, [0]],
    [{ ROCR_VISIBLE_DEVICES: "1", HIP_VISIBLE_DEVICES: "0" }, [1]],
    [{ ROCR_VISIBLE_DEVICES: "1,0", HIP_VISIBLE_DEVICES: "1" }, [0]],
    [{ ROCR_VISIBLE_DEVICES: "" }, []],
  ])("are visible as the environment says: %j", async (env, visible) => {
    const info = said(recorded("rocminfo-7900xtx-x2.txt"));
    const { gpus } = await detected(missing, info, { env });
    expect(gpus.filter((gpu) => gpu.isVisible).map(({ index }) => index)).toEqual(visible);
  });
});

describe("tools of AMD", () => {
  const notLoaded = said("ROCk module is NOT loaded, possibly no GPU devices\n", 255);
  const coloured = said(
    "\u001b[31mROCk module is NOT loaded, possibly no GPU devices\u001b[0m\n",
    1,
  );
  const notInitialised = said(
    "",
    1,
    "ERROR:root:Driver not initialized (amdgpu not found in modules)\n",
  );
  const processorOnly = said(recorded("rocminfo-mi250.txt").split("*******\nAgent 2")[0] ?? "");

  test.each<[string, ToolResult, ToolResult, string, string]>([
    ["are not installed", missing, missing, "tool-missing", "rocm-smi is not installed"],
    [
      "have no module in the kernel",
      missing,
      notLoaded,
      "driver",
      "ROCk module is NOT loaded, possibly no GPU devices",
    ],
    [
      "have none, and say it in colour",
      missing,
      coloured,
      "driver",
      "ROCk module is NOT loaded, possibly no GPU devices",
    ],
    [
      "cannot reach the driver",
      notInitialised,
      missing,
      "driver",
      "Driver not initialized (amdgpu not found in modules)",
    ],
    [
      "list no card",
      said('{"system": {"Driver version": "6"}}'),
      missing,
      "no-device",
      "rocm-smi lists no GPU",
    ],
    ["list only the processor", missing, processorOnly, "no-device", "rocminfo lists no GPU"],
    ["say nothing", said("\n"), missing, "no-device", "rocm-smi lists no GPU"],
    [
      "say half a report",
      said('{"card0": {"GPU use'),
      missing,
      "unreadable",
      'rocm-smi said: {"card0": {"GPU use',
    ],
    ["say a list", said("[1, 2]"), missing, "unreadable", "rocm-smi said: [1, 2]"],
    ["say something else", missing, said("hello"), "unreadable", "rocminfo said: hello"],
    [
      "do not answer",
      { kind: "timeout", timeoutMs: 9 },
      missing,
      "timeout",
      "rocm-smi did not answer within 9 ms",
    ],
    ["fail", said("", 3, "broken"), missing, "tool-failed", "rocm-smi ended with 3: broken"],
    [
      "fail, the second",
      missing,
      said("", 3),
      "tool-failed",
      "rocminfo ended with 3: it said nothing",
    ],
  ])("%s: that is the reason", async (_, smi, info, reason, detail) => {
    const { gpus, absence } = await detected(smi, info);
    expect(gpus).toEqual([]);
    expect(absence).toMatchObject({ kind: "rocm", reason, detail });
  });

  test("may say fields of any kind, of which only those that make sense are taken", async () => {
    const card = {
      "GPU use (%)": 12,
      "VRAM Total Memory (B)": "100",
      "VRAM Total Used Memory (B)": "200",
      "Card Series": null,
      "Device Name": ["x"],
      "GFX Version": { a: 1 },
      "Unique ID": "0xzz",
    };
    const text = JSON.stringify({ card0: card, card1: null, cardX: card, "card:2": "text" });
    const { gpus } = await detected(said(text), missing);
    expect(gpus).toMatchObject([
      {
        name: "unknown",
        utilization: 0.12,
        memoryBytes: 100,
        freeBytes: undefined,
        uuid: undefined,
      },
      { id: "rocm:1", name: "unknown" },
      { id: "rocm:2", name: "unknown" },
    ]);
  });

  test("are not asked where there is no ROCm", async () => {
    const { absence } = await detected(missing, missing, { platform: "darwin" });
    expect(absence).toMatchObject({ reason: "platform" });
  });
});
