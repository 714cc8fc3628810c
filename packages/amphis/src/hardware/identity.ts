import { createHash } from "node:crypto";

import type { Device, HardwareReport } from "./device.ts";

/**
 * What of a machine decides which builds of libraries fit and which results come out.
 *
 * Not in it is what changes from day to day or between machines that are alike: names of hosts and single devices, drivers, free memory,
 * temperatures, limits, how many cores there are.
 */
export interface HardwareIdentity {
  /** `sha256:` and 64 hexadecimal digits: for a lock file. */
  readonly hash: string;
  /** What was hashed, one line each, to show what differs. */
  readonly facts: readonly string[];
}

const GIB = 2 ** 30;

export function identityOf(
  { devices }: HardwareReport,
  { platform }: { readonly platform: string },
): HardwareIdentity {
  const facts = [`platform ${platform}`, ...devices.map(factOf)].sort();
  const hash = createHash("sha256")
    .update(`amphis hardware 1\n${facts.join("\n")}\n`)
    .digest("hex");
  return { hash: `sha256:${hash}`, facts };
}

function factOf(device: Device): string {
  switch (device.kind) {
    case "cpu":
      return words(
        "cpu",
        device.architecture,
        device.name,
        ...device.features.filter(isForNumbers),
      );
    case "cuda":
      return words("cuda", device.name, device.computeCapability, memoryOf(device));
    case "rocm":
      return words("rocm", device.name, device.architecture, memoryOf(device));
    case "mps":
      return words("mps", device.name, device.metal);
  }
}

/** Instructions that libraries compute with; the others come and go with the kernel and the hypervisor. */
function isForNumbers(feature: string): boolean {
  return /^(?:s?sse|avx|fma|f16c|bmi|amx|popcnt|fphp|asimd|neon|sve|sme|bf16|i8mm|FEAT_)/u.test(
    feature,
  );
}

function words(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(" ");
}

/** Drivers keep some for themselves, one more than the other. */
function memoryOf({ memoryBytes }: Device): string | undefined {
  return memoryBytes === undefined ? undefined : `${Math.round(memoryBytes / GIB)} GiB`;
}
