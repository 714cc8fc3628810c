import { isAmphisError } from "@amphis/protocol";

import { expectMemoryOptions, SharedMemory, type SharedMemoryOptions } from "../memory/index.ts";
import type { PythonOptions } from "./contract.ts";
import { expectKnown, kindOf } from "./known-options.ts";

const KNOWN: Readonly<Record<keyof SharedMemoryOptions, true>> = {
  regionBytes: true,
  maxBytes: true,
  quotaBytes: true,
  keepBytes: true,
  trimAfterMs: true,
  clock: true,
  trace: true,
  onLost: true,
  policy: true,
  waitMs: true,
  onRefused: true,
};

/** Memory that workers are lent, and whether it goes with them. */
export interface LentMemory {
  readonly shared: SharedMemory | undefined;
  /** Closes it, unless it is somebody else's. */
  close(): void;
}

/** Judges the option, before anything is started. @throws {TypeError | RangeError} */
export function expectMemory(option: unknown): void {
  if (option === undefined || option === false || option instanceof SharedMemory) return;
  if (typeof option !== "object" || option === null || Array.isArray(option)) {
    throw new TypeError(
      `Cannot open Python: memory must be false, options or a SharedMemory, got ${kindOf(option)}`,
    );
  }
  expectKnown("open Python with memory", option, KNOWN);
  expectMemoryOptions(option);
}

/** @throws {AmphisError} NATIVE_UNAVAILABLE where it was asked for and is not to be had */
export async function openMemory(option: PythonOptions["memory"]): Promise<LentMemory> {
  if (option === false) return { shared: undefined, close: () => undefined };
  if (option instanceof SharedMemory) return { shared: option, close: () => undefined };
  try {
    const shared = await SharedMemory.open(option);
    return { shared, close: () => shared.close() };
  } catch (error) {
    // Everything works without, only slower.
    if (option !== undefined || !isAmphisError(error, "NATIVE_UNAVAILABLE")) throw error;
    return { shared: undefined, close: () => undefined };
  }
}
