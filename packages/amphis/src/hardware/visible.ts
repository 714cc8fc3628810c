/** What says which of these a device is. */
export interface Nameable {
  readonly index: number;
  readonly uuid?: string | undefined;
  /** Whether it has parts, which have names of their own. */
  readonly isSplit?: boolean | undefined;
}

/** Variables by which devices are hidden from programs. */
export const VISIBILITY_VARIABLES: readonly string[] = [
  "CUDA_VISIBLE_DEVICES",
  "ROCR_VISIBLE_DEVICES",
  "HIP_VISIBLE_DEVICES",
];

/**
 * The devices that a variable such as `CUDA_VISIBLE_DEVICES` shows, in the order that programs see.
 *
 * It lists places in the order of the devices, or the beginnings of their unique names. As for the drivers, the first entry that is neither
 * ends the list, and an empty list hides all. Where places are counted by speed rather than by bus, as CUDA does unless `CUDA_DEVICE_ORDER`
 * is `PCI_BUS_ID`, they mean what they say here only on machines whose GPUs are alike.
 */
export function visibleAmong<Item extends Nameable>(
  devices: readonly Item[],
  list: string | undefined,
): readonly Item[] {
  if (list === undefined) return devices;
  const visible = new Set<Item>();
  for (const entry of list.split(",").map((one) => one.trim())) {
    const device = deviceOf(entry, devices);
    if (device === undefined) break;
    visible.add(device);
  }
  return [...visible];
}

function deviceOf<Item extends Nameable>(
  entry: string,
  devices: readonly Item[],
): Item | undefined {
  if (/^\d{1,4}$/u.test(entry)) return devices[Number(entry)];
  if (entry.startsWith("GPU-")) return devices.find(({ uuid }) => uuid?.startsWith(entry));
  // Which one a part belongs to is not known.
  return entry.startsWith("MIG-") ? devices.find(({ isSplit }) => isSplit) : undefined;
}
