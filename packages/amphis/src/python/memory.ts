import { isAmphisError } from "@amphis/protocol";

import { SharedMemory } from "../memory/index.ts";
import type { PythonOptions } from "./contract.ts";

/** Memory that workers are lent, and whether it goes with them. */
export interface LentMemory {
  readonly shared: SharedMemory | undefined;
  /** Closes it, unless it is somebody else's. */
  close(): void;
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
