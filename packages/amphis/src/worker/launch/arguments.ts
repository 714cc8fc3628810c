import type { WorkerSpec } from "./launcher.ts";
import { hostsOf, policySettings, PROXY_PORT } from "./policy.ts";
import { startScript } from "./runtime-place.ts";

/** Descriptors under which a process finds what it was handed. */
export type Handed = Readonly<Partial<Record<"channel" | "control" | "line" | "warden", number>>>;

/** The command line of an interpreter that becomes a worker or a warden, as `settings.py` reads it. */
export function workerArguments(
  spec: WorkerSpec,
  handed: Handed,
  native: string | undefined,
): string[] {
  const { profile, threads, preload = [], path = [], limits = {}, spinMs, maxFrameBytes } = spec;
  const isSandboxed = spec.isolation === "sandboxed";
  const settings: readonly (readonly [string, string | number | undefined])[] = [
    ...Object.entries(handed),
    ["profile", profile],
    ["threads", threads],
    ...preload.map((name) => ["preload", name] as const),
    ...path.map((folder) => ["path", folder] as const),
    ["memoryBytes", limits.memoryBytes],
    ["cpuSeconds", limits.cpuSeconds],
    ["files", limits.files],
    ["processes", limits.processes],
    ["spinMs", spinMs],
    ["maxFrameBytes", maxFrameBytes],
    ["native", native],
    [
      "proxy",
      isSandboxed && handed.warden !== undefined && hostsOf(spec.policy ?? {}) !== undefined
        ? PROXY_PORT
        : undefined,
    ],
    ...policySettings(spec.isolation ?? "none", spec.policy ?? {}),
  ];
  const said = settings.filter(([, value]) => value !== undefined);
  return [startScript(), ...said.map(([key, value]) => `${key}=${value}`)];
}
