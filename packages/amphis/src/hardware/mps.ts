import type { MpsDevice } from "./device.ts";
import type { Machine } from "./machine.ts";
import { absent, amountOf, failureOf, type Finding, found, textOf } from "./probe.ts";

const TOOL = "system_profiler";

/** Looks for the GPU of Apple silicon, with `system_profiler`. */
export async function probeMps(machine: Machine): Promise<Finding> {
  const { platform, architecture } = machine;
  if (platform !== "darwin" || architecture !== "arm64") {
    return absent("mps", "platform", `there is no Apple silicon on ${platform} ${architecture}`);
  }
  const result = await machine.run(TOOL, ["SPDisplaysDataType", "-json"]);
  if (result.kind !== "ended" || result.exitCode !== 0) return failureOf("mps", TOOL, result);
  const displays = displaysOf(result.stdout);
  if (displays === undefined) return absent("mps", "unreadable", `${TOOL} said: ${result.stdout}`);
  const gpu = displays.find(
    (one) => textOf(stringOf(one, "sppci_model"))?.startsWith("Apple ") === true,
  );
  // Virtual machines have a display of another kind, or none.
  if (gpu === undefined) return absent("mps", "no-device", `${TOOL} lists no GPU of Apple`);
  const { memoryBytes, freeBytes } = machine.basics();
  const device: MpsDevice = {
    kind: "mps",
    id: "mps",
    name: textOf(stringOf(gpu, "sppci_model")) ?? "Apple GPU",
    isVisible: true,
    cores: amountOf(stringOf(gpu, "sppci_cores")),
    metal: /^spdisplays_(metal\w{1,20})$/u.exec(
      stringOf(gpu, "spdisplays_mtlgpufamilysupport") ?? "",
    )?.[1],
    memoryBytes,
    freeBytes,
  };
  return found([device]);
}

function displaysOf(text: string): readonly object[] | undefined {
  try {
    const report: unknown = JSON.parse(text);
    const displays: unknown = (report as { SPDisplaysDataType?: unknown } | null)
      ?.SPDisplaysDataType;
    if (!Array.isArray(displays)) return undefined;
    return displays.filter((one): one is object => typeof one === "object" && one !== null);
  } catch {
    return undefined;
  }
}

function stringOf(entry: object, name: string): string | undefined {
  const value: unknown = (entry as Record<string, unknown>)[name];
  return typeof value === "string" ? value : undefined;
}
