import { type EventChannel, eventChannel } from "./event-channel.ts";

/** Shared memory was opened, and can be lent. */
export interface MemoryOpen {
  /** Absent: as much as is the default. */
  readonly maxBytes?: number | undefined;
}

/** Shared memory is about to be closed. */
export interface MemoryClose {
  /** What is still in use. */
  readonly usedBytes: number;
  readonly leases: number;
}

/** Memory was asked for and not given. */
export interface MemoryExhausted {
  readonly code: "MEMORY_EXHAUSTED" | "MEMORY_QUOTA_EXCEEDED";
  readonly requestedBytes: number;
  readonly reason: string;
}

/** A lease was forgotten by its owner, and taken back when it was collected. */
export interface MemoryLost {
  readonly byteLength: number;
  /** Stack of where it was allocated, if that is traced. */
  readonly allocated?: string | undefined;
}

/** A reference of a guest was refused: the guest is broken, or tries what it may not. */
export interface MemoryRefused {
  readonly code: string;
  readonly holder: number;
}

/** Values of a kind and size take the other path from now on, because that was measured to be faster. */
export interface MemoryPath {
  readonly path: "inline" | "shared";
  /** What it is: `tensor`, `bytes`, `arrow`. */
  readonly parcel: string;
  /** Values of so many bytes and more, up to twice as many. */
  readonly bytes: number;
}

/** Something does not go the way it should go at best, or does again. */
export interface Fallback {
  /** What: `memory`, `worker start`, `device`. */
  readonly part: string;
  readonly wanted: string;
  readonly used: string;
  readonly reason: string;
}

export const memoryOpen: EventChannel<MemoryOpen> = eventChannel("amphis:memory:open");
export const memoryClose: EventChannel<MemoryClose> = eventChannel("amphis:memory:close");
export const memoryExhausted: EventChannel<MemoryExhausted> =
  eventChannel("amphis:memory:exhausted");
export const memoryLost: EventChannel<MemoryLost> = eventChannel("amphis:memory:lost");
export const memoryRefused: EventChannel<MemoryRefused> = eventChannel("amphis:memory:refused");
export const memoryPath: EventChannel<MemoryPath> = eventChannel("amphis:memory:path");
export const fallback: EventChannel<Fallback> = eventChannel("amphis:fallback");
