import { AmphisError } from "@amphis/protocol";

import { byPreference } from "./capabilities.ts";
import type { Device, DeviceKind, HardwareReport } from "./device.ts";

/**
 * A device to have: one by its name (`cuda:1`, `mps`), any of a kind (`cuda`, `rocm`), any GPU (`gpu`), or whatever is fastest (`any`).
 * Of several, it is the one with most free memory.
 */
export type DeviceWish = string | DetailedWish;

/** A device to have that must also have something. */
export interface DetailedWish {
  readonly device: string;
  /** Memory that is free on it. A device that does not say has it not. */
  readonly minFreeBytes?: number | undefined;
  /** For NVIDIA, such as `8.0`. */
  readonly minComputeCapability?: string | undefined;
}

/** What was chosen, and which of the wishes it fulfils, from 0. */
export interface Selection {
  readonly device: Device;
  readonly choice: number;
}

interface Wish extends DetailedWish {
  readonly text: string;
  readonly isMeant: (device: Device) => boolean;
}

const WISH = ["device", "minFreeBytes", "minComputeCapability"];

const GROUPS: Readonly<Record<string, readonly DeviceKind[]>> = {
  any: ["cuda", "rocm", "mps", "cpu"],
  gpu: ["cuda", "rocm", "mps"],
  cuda: ["cuda"],
  rocm: ["rocm"],
  mps: ["mps"],
  cpu: ["cpu"],
};

/**
 * The first wish that can be fulfilled.
 *
 * @throws {AmphisError} HARDWARE_UNAVAILABLE with what was found instead
 * @throws {RangeError} when a wish names no device that there could be
 */
export function selectFrom(report: HardwareReport, wishes: readonly DeviceWish[]): Selection {
  const parsed = parseWishes(wishes);
  const usable = byPreference(report.devices.filter((device) => device.isVisible));
  for (const [choice, wish] of parsed.entries()) {
    const device = usable.find((one) => wish.isMeant(one) && hasEnough(one, wish));
    if (device !== undefined) return { device, choice };
  }
  throw unavailable(report, parsed);
}

/** Judges wishes before anything is looked at. @throws {TypeError | RangeError} */
export function expectWishes(wishes: readonly DeviceWish[]): void {
  parseWishes(wishes);
}

function parseWishes(wishes: readonly DeviceWish[]): Wish[] {
  if (wishes.length === 0) throw new RangeError("Cannot select device: none is wished for");
  return wishes.map(parseWish);
}

function parseWish(wish: DeviceWish): Wish {
  const detailed = typeof wish === "string" ? { device: wish } : wish;
  expectWish(detailed);
  const { device, minFreeBytes, minComputeCapability } = detailed;
  if (minFreeBytes !== undefined && !(minFreeBytes >= 0)) {
    throw new RangeError(`Cannot select device: minFreeBytes must be from 0, got ${minFreeBytes}`);
  }
  if (minComputeCapability !== undefined && !/^\d{1,2}\.\d{1,2}$/u.test(minComputeCapability)) {
    throw new RangeError(
      `Cannot select device: minComputeCapability must be such as "8.0", got ${JSON.stringify(minComputeCapability)}`,
    );
  }
  const bytes = minFreeBytes === undefined ? "" : ` with ${minFreeBytes} bytes free`;
  const capability =
    minComputeCapability === undefined ? "" : ` of capability ${minComputeCapability}`;
  return { ...detailed, text: `${device}${bytes}${capability}`, isMeant: meaningOf(device) };
}

/** A mistyped condition would be none. */
function expectWish(wish: unknown): void {
  if (typeof wish !== "object" || wish === null || Array.isArray(wish)) {
    const got = wish === null ? "null" : Array.isArray(wish) ? "a list" : typeof wish;
    throw new TypeError(
      `Cannot select device: a wish must be a text or an object with ${WISH.join(", ")}, got ${got}`,
    );
  }
  const unknown = Object.keys(wish).find((name) => !WISH.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot select device: a wish has no ${JSON.stringify(unknown)}, but ${WISH.join(", ")}`,
    );
  }
  const { minFreeBytes, minComputeCapability } = wish as Partial<DetailedWish>;
  if (minFreeBytes !== undefined && typeof minFreeBytes !== "number") {
    throw new TypeError(
      `Cannot select device: minFreeBytes must be a number from 0, got ${typeof minFreeBytes}`,
    );
  }
  if (minComputeCapability !== undefined && typeof minComputeCapability !== "string") {
    throw new TypeError(
      `Cannot select device: minComputeCapability must be such as "8.0", got ${typeof minComputeCapability}`,
    );
  }
}

function meaningOf(text: string): (device: Device) => boolean {
  if (typeof text === "string" && Object.hasOwn(GROUPS, text)) {
    return ({ kind }) => GROUPS[text]?.includes(kind) === true;
  }
  const isOne = typeof text === "string" && /^(?:cuda|rocm):\d{1,4}$/u.test(text);
  if (isOne) return ({ id }) => id === text;
  throw new RangeError(
    `Cannot select device: it must be any, gpu, cpu, mps, cuda, rocm, cuda:N or rocm:N, got ${JSON.stringify(text)}`,
  );
}

function hasEnough(device: Device, { minFreeBytes, minComputeCapability }: Wish): boolean {
  if (minFreeBytes !== undefined && !(freeBytesOf(device) >= minFreeBytes)) return false;
  if (minComputeCapability === undefined) return true;
  return device.kind === "cuda" && isFrom(device.computeCapability, minComputeCapability);
}

/** Main memory beyond the limit of the control group is nobody's here. */
function freeBytesOf(device: Device): number {
  const free = device.freeBytes ?? -1;
  return device.kind === "cpu" ? Math.min(free, device.limits.memoryBytes ?? Infinity) : free;
}

/** As versions, for which 12.0 comes after 9.0. */
function isFrom(version: string | undefined, least: string): boolean {
  if (version === undefined) return false;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split(".").map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

function unavailable(
  { devices, absent }: HardwareReport,
  wishes: readonly Wish[],
): AmphisError<"HARDWARE_UNAVAILABLE"> {
  const wanted = wishes.map(({ text }) => text);
  const found = devices.map(
    ({ id, name, isVisible }) => `${id} (${name}${isVisible ? "" : ", hidden"})`,
  );
  const missing = absent
    .filter(
      ({ kind, reason }) =>
        reason !== "platform" && wishes.some(({ device }) => concerns(device, kind)),
    )
    .map(({ kind, detail }) => `; ${kind}: ${detail}`)
    .join("");
  return new AmphisError(
    "HARDWARE_UNAVAILABLE",
    `Cannot select device: wanted ${wanted.join(", else ")}; found ${found.join(", ")}${missing}`,
    { wanted, found },
  );
}

function concerns(wish: string, kind: DeviceKind): boolean {
  return (GROUPS[wish.split(":", 1)[0] ?? ""] ?? []).includes(kind);
}
