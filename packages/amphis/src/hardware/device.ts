/** What a device is, by whose software it is used. */
export type DeviceKind = "cpu" | "cuda" | "rocm" | "mps";

interface DeviceBase {
  /** Name for calls and pools: `cpu`, `cuda:0`, `rocm:1`, `mps`. */
  readonly id: string;
  readonly name: string;
  /** False where the environment hides it from programs, as `CUDA_VISIBLE_DEVICES` does. */
  readonly isVisible: boolean;
  readonly memoryBytes?: number | undefined;
  readonly freeBytes?: number | undefined;
}

/** The processor and main memory. */
export interface CpuDevice extends DeviceBase {
  readonly kind: "cpu";
  readonly id: "cpu";
  /** Such as `x64`, `arm64`. */
  readonly architecture: string;
  /** What the system schedules on: threads of cores. */
  readonly logicalCores: number;
  readonly physicalCores?: number | undefined;
  /** Instruction sets, sorted, in the words of the system: `avx2`, `asimd`, `FEAT_BF16`. */
  readonly features: readonly string[];
  /** What a control group or an affinity leaves of it. */
  readonly limits: CpuLimits;
}

export interface CpuLimits {
  /** Cores that this process gets, which may be a fraction. */
  readonly cores: number;
  /** Memory that this process and those beside it may have. */
  readonly memoryBytes?: number | undefined;
  /** What says so; `none` when nothing limits. */
  readonly source: "cgroup v1" | "cgroup v2" | "none";
}

interface GpuBase extends DeviceBase {
  /** Its place in the order of the PCI bus, from 0; never that of `CUDA_VISIBLE_DEVICES`. */
  readonly index: number;
  /** The same after every start, where the vendor gives one. */
  readonly uuid?: string | undefined;
  readonly driver?: string | undefined;
  readonly temperatureCelsius?: number | undefined;
  /** Part of the time that it was busy lately, 0 to 1. */
  readonly utilization?: number | undefined;
}

/** A GPU of NVIDIA. */
export interface CudaDevice extends GpuBase {
  readonly kind: "cuda";
  /** Newest version of CUDA that the driver runs. */
  readonly cuda?: string | undefined;
  /** Such as `9.0`. */
  readonly computeCapability?: string | undefined;
  /** Whether it is split into parts that are used instead of the whole. */
  readonly isSplit: boolean;
}

/** A GPU of AMD. */
export interface RocmDevice extends GpuBase {
  readonly kind: "rocm";
  /** Such as `gfx942`. */
  readonly architecture?: string | undefined;
  readonly computeUnits?: number | undefined;
}

/** The GPU of Apple silicon; its memory is the main memory. */
export interface MpsDevice extends DeviceBase {
  readonly kind: "mps";
  readonly id: "mps";
  readonly cores?: number | undefined;
  /** Such as `metal3`. */
  readonly metal?: string | undefined;
}

export type Device = CpuDevice | CudaDevice | RocmDevice | MpsDevice;

/**
 * Why nothing was found of a kind.
 *
 * `platform`: there is none on this system. `tool-missing`: the tool of the vendor is not installed. `tool-failed`: it ended with an
 * error. `timeout`: it did not answer. `unreadable`: it said what is not understood. `driver`: it could not reach its driver. `no-device`:
 * all is well, and there is no device.
 */
export type AbsenceReason =
  | "platform"
  | "tool-missing"
  | "tool-failed"
  | "timeout"
  | "unreadable"
  | "driver"
  | "no-device";

/** A kind of which nothing was found. */
export interface Absence {
  readonly kind: DeviceKind;
  readonly reason: AbsenceReason;
  /** For people; of one line. */
  readonly detail: string;
  readonly exitCode?: number | undefined;
}

/** What the machine has, at one moment. */
export interface HardwareReport {
  /** The processor first, then by kind and index. */
  readonly devices: readonly Device[];
  readonly absent: readonly Absence[];
  /** Milliseconds since 1970 when it was looked up. */
  readonly at: number;
}
