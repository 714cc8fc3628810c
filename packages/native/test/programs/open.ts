import { loadNative, type NativeCore } from "../../src/index.ts";

/** The core from the folder that the parent names. */
export function openCore(): NativeCore {
  const native = loadNative({ folder: process.argv[2] });
  if (native.kind === "unavailable") throw new Error(native.reason);
  return native.core;
}
