import { type EventChannel, eventChannel } from "./event-channel.ts";

/** The devices of the machine were looked up. */
export interface HardwareDetect {
  readonly durationMs: number;
  /** Such as `cpu`, `cuda:0`. */
  readonly devices: readonly string[];
  /** Vendors of whom nothing was found, and why. */
  readonly absent: readonly { readonly vendor: string; readonly reason: string }[];
}

/** The devices are others than at the last look. */
export interface HardwareChange {
  readonly appeared: readonly string[];
  readonly disappeared: readonly string[];
  /** Still there, with another driver, memory or name. */
  readonly altered: readonly string[];
}

/** A device was chosen. */
export interface HardwareSelect {
  readonly wanted: readonly string[];
  readonly device: string;
  /** Place of the wish that it fulfils; above 0 it is a fallback. */
  readonly choice: number;
}

export const hardwareDetect: EventChannel<HardwareDetect> = eventChannel("amphis:hardware:detect");
export const hardwareChange: EventChannel<HardwareChange> = eventChannel("amphis:hardware:change");
export const hardwareSelect: EventChannel<HardwareSelect> = eventChannel("amphis:hardware:select");
