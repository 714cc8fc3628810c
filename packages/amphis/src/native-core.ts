import type { NativeAvailability } from "@amphis/native";

let loading: Promise<NativeAvailability> | undefined;

/** The native core of this process, loaded when it is first asked for, or why there is none. Never rejects. */
export function nativeCore(): Promise<NativeAvailability> {
  loading ??= load();
  return loading;
}

async function load(): Promise<NativeAvailability> {
  try {
    const { loadNative } = await import("@amphis/native");
    return loadNative();
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
    const why = error instanceof Error ? error.message : String(error);
    const reason = isMissing
      ? "the package @amphis/native is not installed; it is an optional dependency of amphis"
      : `the package @amphis/native cannot be loaded: ${why}`;
    return { kind: "unavailable", reason };
  }
}
