import { beforeEach, describe, expect, test } from "vitest";

import { Hardware } from "../../src/hardware/index.ts";
import { recordEvents } from "../../src/telemetry/index.ts";
import { nvidiaSmi, recorded, recordedMachine, type Recording, said } from "./recorded-machine.ts";

const MIB = 1_048_576;

/** Two A40 of which the second has more free memory, a Radeon, and a processor. */
const workstation: Recording = {
  files: { "/proc/cpuinfo": recorded("cpuinfo-sapphire-rapids.txt") },
  tools: {
    "nvidia-smi": (args) =>
      args[0] === "-q"
        ? said("CUDA Version : 12.4\n")
        : said(recorded("nvidia-smi-a40x2.csv").replace("46067", "1000")),
    "rocm-smi": () => said(recorded("rocm-smi-7900xt.json")),
  },
  basics: { usableCores: 2 },
};
const laptop: Recording = { files: workstation.files ?? {}, basics: { freeBytes: 100 * MIB } };

function hardwareOf(recording: Recording): Hardware {
  return new Hardware({ machine: recordedMachine(recording) });
}

describe("selection", () => {
  let hardware: Hardware;
  beforeEach(() => {
    hardware = hardwareOf(workstation);
  });

  test.each([
    ["any", "cuda:1", 0],
    ["gpu", "cuda:1", 0],
    ["cuda", "cuda:1", 0],
    ["cuda:0", "cuda:0", 0],
    ["rocm", "rocm:0", 0],
    ["cpu", "cpu", 0],
    [["mps", "cuda"], "cuda:1", 1],
    [["mps", "cuda:7", "cpu"], "cpu", 2],
  ])("of %j is %s", async (wishes, id, choice) => {
    expect(await hardware.select(wishes)).toMatchObject({ device: { id }, choice });
  });

  test("takes only devices that have enough", async () => {
    const wishes = [
      { device: "cuda:0", minFreeBytes: 1_001 * MIB },
      { device: "cuda", minComputeCapability: "9.0" },
      { device: "rocm", minComputeCapability: "1.0" },
      { device: "gpu", minFreeBytes: 46_067 * MIB, minComputeCapability: "8.6" },
    ];
    expect(await hardware.select(wishes)).toMatchObject({ device: { id: "cuda:1" }, choice: 3 });
  });

  test("counts capabilities as versions", async () => {
    const line = "0, GPU-aaaaaaaa, B200, 1, 1, 1, 1, 1, 10.0, Disabled";
    const blackwell = hardwareOf({ tools: { "nvidia-smi": () => said(line) } });
    const wish = { device: "cuda", minComputeCapability: "9.0" };
    expect(await blackwell.select(wish)).toMatchObject({ device: { id: "cuda:0" } });
  });

  test("takes no device that the environment hides", async () => {
    const hidden = hardwareOf({ ...workstation, env: { CUDA_VISIBLE_DEVICES: "0" } });
    expect(await hidden.select("cuda")).toMatchObject({ device: { id: "cuda:0" } });
    await expect(hidden.select("cuda:1")).rejects.toMatchObject({
      code: "HARDWARE_UNAVAILABLE",
      found: expect.arrayContaining(["cuda:1 (NVIDIA A40, hidden)"]),
    });
  });

  test("that cannot be made says what was wanted, what was found, and why the rest was not", async () => {
    const wishes = ["cuda", { device: "cpu", minFreeBytes: 200 * MIB }];
    await expect(hardwareOf(laptop).select(wishes)).rejects.toMatchObject({
      code: "HARDWARE_UNAVAILABLE",
      message:
        "Cannot select device: wanted cuda, else cpu with 209715200 bytes free; found cpu (Intel(R) Xeon(R) Processor); cuda: nvidia-smi is not installed",
      wanted: ["cuda", "cpu with 209715200 bytes free"],
      found: ["cpu (Intel(R) Xeon(R) Processor)"],
    });
  });

  test.each([
    [[]],
    ["gpu:0"],
    ["CUDA"],
    ["cuda:-1"],
    ["toString"],
    [{ device: "cpu", minFreeBytes: -1 }],
    [{ device: "cuda", minComputeCapability: "9" }],
  ])("of %j is refused", async (wishes) => {
    await expect(hardware.select(wishes)).rejects.toThrow(RangeError);
  });

  test.each([
    [null, "a wish must be a text or an object with device, minFreeBytes"],
    [["cpu", 7], "got number"],
    [[["cpu"]], "got a list"],
    [{ device: "cpu", minFreeByte: 1 }, 'a wish has no "minFreeByte", but device, minFreeBytes'],
    [{ device: "cpu", minFreeBytes: "1" }, "minFreeBytes must be a number from 0, got string"],
    [{ device: "cuda", minComputeCapability: 8 }, 'must be such as "8.0", got number'],
  ])("of %j is refused before anything is looked at", async (wishes, message) => {
    const recorder = recordEvents({ names: ["hardwareDetect"] });
    const error: unknown = await hardware.select(wishes as never).catch((cause: unknown) => cause);
    recorder[Symbol.dispose]();
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(message);
    expect(recorder.of("hardwareDetect")).toEqual([]);
  });

  test("is told, and as a fallback when it is not the first wish", async () => {
    using recorder = recordEvents({ names: ["hardwareSelect", "fallback"] });
    await hardware.select("cpu");
    await hardware.select(["mps", "rocm"]);
    expect(recorder.of("hardwareSelect")).toEqual([
      { wanted: ["cpu"], device: "cpu", choice: 0 },
      { wanted: ["mps", "rocm"], device: "rocm:0", choice: 1 },
    ]);
    expect(recorder.of("fallback")).toMatchObject([
      { part: "device", wanted: "mps", used: "rocm:0" },
    ]);
  });
});

describe("capabilities", () => {
  test("list what programs can use, the fastest first", async () => {
    expect(await hardwareOf(workstation).capabilities()).toMatchObject({
      kinds: ["cuda", "rocm", "cpu"],
      preferred: "cuda:1",
      cores: 2,
      vectors: "avx512",
      accelerators: [
        { device: "cuda:0", precisions: ["fp32", "fp16", "int8", "bf16", "tf32"] },
        { device: "cuda:1", precisions: ["fp32", "fp16", "int8", "bf16", "tf32"] },
        { device: "rocm:0", precisions: ["fp32", "fp16", "bf16", "int8"] },
      ],
    });
  });

  test("are those of the processor where there is no GPU, with at least one core", async () => {
    const small = hardwareOf({
      files: {
        "/proc/cpuinfo": recorded("cpuinfo-graviton2.txt"),
        "/proc/self/cgroup": "0::/\n",
        "/proc/self/mountinfo": "30 23 0:26 / /cg rw - cgroup2 cgroup2 rw\n",
        "/cg/cpu.max": "20000 100000",
        "/cg/memory.max": "1000000",
      },
    });
    expect(await small.capabilities()).toEqual({
      kinds: ["cpu"],
      preferred: "cpu",
      cores: 1,
      memoryBytes: 1_000_000,
      vectors: "neon",
      accelerators: [],
    });
  });

  test("know nothing but fp32 of a GPU that does not say what it is", async () => {
    const old = hardwareOf({
      tools: { "nvidia-smi": nvidiaSmi("nvidia-smi-rtx-2060", { columns: 8 }) },
    });
    expect((await old.capabilities()).accelerators).toMatchObject([{ precisions: ["fp32"] }]);
  });
});

describe("identity", () => {
  test("is that of the machine, written out", async () => {
    const { hash, facts } = await hardwareOf(workstation).identity();
    expect(facts).toEqual([
      "cpu x64 Intel(R) Xeon(R) Processor avx avx2 avx512f bmi1 f16c fma sse sse2 sse4_1 sse4_2",
      "cuda NVIDIA A40 8.6 45 GiB",
      "cuda NVIDIA A40 8.6 45 GiB",
      "platform linux",
      "rocm Radeon RX 7900 XT gfx1100 20 GiB",
    ]);
    expect(hash).toBe("sha256:8c6f58fd1f3315193214ab18bb90b54b7c0e16e50efead9db96740a6ae15c3cf");
  });

  test("stays when load, driver, limits and what is visible change", async () => {
    const { hash } = await hardwareOf(workstation).identity();
    const later = hardwareOf({
      ...workstation,
      env: { CUDA_VISIBLE_DEVICES: "" },
      tools: {
        ...workstation.tools,
        "nvidia-smi": () =>
          said(
            recorded("nvidia-smi-a40x2.csv")
              .replaceAll("550.127.05", "580.1")
              .replaceAll(", 0,", ", 97,"),
          ),
      },
      basics: { usableCores: 1, freeBytes: 7 },
    });
    expect((await later.identity()).hash).toBe(hash);
  });

  test("is another one without a GPU, and on another system", async () => {
    const hashes = await Promise.all(
      [workstation, laptop, { ...laptop, platform: "win32" }].map(
        async (recording) => (await hardwareOf(recording).identity()).hash,
      ),
    );
    expect(new Set(hashes).size).toBe(3);
  });
});

describe("looking", () => {
  test("happens once, is shared, and happens again when asked to", async () => {
    using recorder = recordEvents({ names: ["hardwareDetect"] });
    const hardware = hardwareOf(workstation);
    const [first, second] = await Promise.all([hardware.detect(), hardware.detect()]);
    expect(second).toBe(first);
    expect(await hardware.detect()).toBe(first);
    expect(await hardware.detect({ maxAgeMs: 3_600_000 })).toBe(first);
    expect(recorder.of("hardwareDetect")).toHaveLength(1);
    expect(await hardware.detect({ maxAgeMs: 0 })).not.toBe(first);
    expect(recorder.of("hardwareDetect")).toMatchObject([
      {
        devices: ["cpu", "cuda:0", "cuda:1", "rocm:0"],
        absent: [{ vendor: "mps", reason: "platform" }],
      },
      { devices: ["cpu", "cuda:0", "cuda:1", "rocm:0"] },
    ]);
  });

  test("again tells what appeared, went and became another, and not what changes all the time", async () => {
    using recorder = recordEvents({ names: ["hardwareChange"] });
    let lines = recorded("nvidia-smi-a40x2.csv");
    const hardware = hardwareOf({ tools: { "nvidia-smi": () => said(lines) } });
    const look = () => hardware.detect({ maxAgeMs: 0 });
    await look();
    lines = lines.replaceAll(", 0,", ", 55,").replaceAll("46067", "7");
    await look();
    expect(recorder.of("hardwareChange")).toEqual([]);
    const [first = "", second = ""] = lines.split("\n");
    lines = [first.replace("550.127.05", "560"), second.replace("1,", "2,")].join("\n");
    await look();
    lines = "";
    await look();
    expect(recorder.of("hardwareChange")).toEqual([
      { appeared: ["cuda:2"], disappeared: ["cuda:1"], altered: ["cuda:0"] },
      { appeared: [], disappeared: ["cuda:0", "cuda:2"], altered: [] },
    ]);
  });

  test.each([-1, Number.NaN])("with an age of %d is refused", (maxAgeMs) => {
    expect(() => hardwareOf(laptop).detect({ maxAgeMs })).toThrow(RangeError);
  });
});
