/*
 * The devices of a machine: `hardware.detect()` says what is there, `hardware.select(["cuda", "mps", "cpu"])` chooses one.
 */

export { hardware, Hardware } from "./hardware.ts";
export type { DetectOptions, HardwareOptions } from "./hardware.ts";
export type {
  Absence,
  AbsenceReason,
  CpuDevice,
  CpuLimits,
  CudaDevice,
  Device,
  DeviceKind,
  HardwareReport,
  MpsDevice,
  RocmDevice,
} from "./device.ts";
export type { Accelerator, HardwareCapabilities, Precision } from "./capabilities.ts";
export type { HardwareIdentity } from "./identity.ts";
export type { DetailedWish, DeviceWish, Selection } from "./select.ts";
export { thisMachine } from "./machine.ts";
export type { Machine, MachineBasics, ThisMachineOptions } from "./machine.ts";
export type { ToolResult } from "./tool.ts";
