import type {
  CpuDevice,
  CudaDevice,
  Device,
  DeviceKind,
  HardwareReport,
  RocmDevice,
} from "./device.ts";

/** A way to hold a number that a device computes with in hardware. */
export type Precision = "fp32" | "fp16" | "bf16" | "tf32" | "int8" | "fp8" | "fp4";

/** What a GPU that programs may use can do. */
export interface Accelerator {
  readonly device: string;
  readonly kind: Exclude<DeviceKind, "cpu">;
  readonly memoryBytes?: number | undefined;
  readonly freeBytes?: number | undefined;
  /** What it is known to compute with; `fp32` at least. */
  readonly precisions: readonly Precision[];
}

/** What programs can use here. */
export interface HardwareCapabilities {
  /** Kinds of which there is one, the fastest first. */
  readonly kinds: readonly DeviceKind[];
  /** The device to take when nothing else is said: the GPU with most free memory, else the processor. */
  readonly preferred: string;
  /** Cores that this process gets, at least 1, whole. */
  readonly cores: number;
  /** Memory that this process may have. */
  readonly memoryBytes: number;
  /** The widest vectors of the processor. */
  readonly vectors: "avx512" | "avx2" | "avx" | "sve" | "neon" | "none";
  readonly accelerators: readonly Accelerator[];
}

/** The fastest first. */
const KINDS: readonly DeviceKind[] = ["cuda", "rocm", "mps", "cpu"];

/** From which compute capability on; from the programming guide of CUDA. */
const CUDA_PRECISIONS: readonly (readonly [from: number, precision: Precision])[] = [
  [5.3, "fp16"],
  [6.1, "int8"],
  [8.0, "bf16"],
  [8.0, "tf32"],
  [8.9, "fp8"],
  [10.0, "fp4"],
];

/** By the beginning of the architecture; from the precision tables of ROCm. */
const ROCM_PRECISIONS: readonly (readonly [
  architecture: RegExp,
  precisions: readonly Precision[],
])[] = [
  [/^gfx9(?:0[68a]|4|5)/u, ["fp16", "int8"]],
  [/^gfx9(?:08|0a|4|5)/u, ["bf16"]],
  [/^gfx9[45]/u, ["fp8"]],
  [/^gfx94/u, ["tf32"]],
  [/^gfx95/u, ["fp4"]],
  [/^gfx1[12]/u, ["fp16", "bf16", "int8"]],
  [/^gfx12/u, ["fp8"]],
];

export function capabilitiesOf({ devices }: HardwareReport): HardwareCapabilities {
  const usable = devices.filter((device) => device.isVisible);
  const cpu = usable.find((device) => device.kind === "cpu");
  const gpus = usable.filter((device) => device.kind !== "cpu");
  return {
    kinds: KINDS.filter((kind) => usable.some((device) => device.kind === kind)),
    preferred: byPreference(usable)[0]?.id ?? "cpu",
    cores: Math.max(1, Math.floor(cpu?.limits.cores ?? 1)),
    memoryBytes: cpu?.limits.memoryBytes ?? cpu?.memoryBytes ?? 0,
    vectors: cpu === undefined ? "none" : vectorsOf(cpu),
    accelerators: gpus.map(({ id, kind, memoryBytes, freeBytes }, place) => ({
      device: id,
      kind,
      memoryBytes,
      freeBytes,
      precisions: precisionsOf(gpus[place]),
    })),
  };
}

/** By kind, then most free memory, then as they are counted. */
export function byPreference(devices: readonly Device[]): Device[] {
  return [...devices].sort(
    (a, b) =>
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (b.freeBytes ?? 0) - (a.freeBytes ?? 0),
  );
}

function vectorsOf({ features, architecture }: CpuDevice): HardwareCapabilities["vectors"] {
  const has = (feature: string): boolean => features.includes(feature);
  if (has("avx512f")) return "avx512";
  if (has("avx2")) return "avx2";
  if (has("avx") || has("avx1.0")) return "avx";
  if (has("sve")) return "sve";
  return has("asimd") || has("neon") || architecture === "arm64" ? "neon" : "none";
}

function precisionsOf(device: Device | undefined): readonly Precision[] {
  switch (device?.kind) {
    case "cuda":
      return ["fp32", ...precisionsOfCuda(device)];
    case "rocm":
      return ["fp32", ...precisionsOfRocm(device)];
    case "mps":
      return ["fp32", "fp16"];
    default:
      return ["fp32"];
  }
}

function precisionsOfCuda({ computeCapability }: CudaDevice): Precision[] {
  const version = Number(computeCapability);
  return CUDA_PRECISIONS.flatMap(([from, precision]) => (version >= from ? [precision] : []));
}

function precisionsOfRocm({ architecture = "" }: RocmDevice): Precision[] {
  return ROCM_PRECISIONS.flatMap(([pattern, precisions]) =>
    pattern.test(architecture) ? precisions : [],
  );
}
