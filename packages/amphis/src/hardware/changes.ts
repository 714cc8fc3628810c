import type { Device, HardwareReport } from "./device.ts";

/** How the devices differ from those of the last look. */
export interface HardwareChanges {
  readonly appeared: readonly string[];
  readonly disappeared: readonly string[];
  readonly altered: readonly string[];
}

/** What lasts: memory in use, temperature and load change all the time. Nothing when all is as it was. */
export function changesBetween(
  before: HardwareReport,
  after: HardwareReport,
): HardwareChanges | undefined {
  const [old, now] = [lastingBy(before), lastingBy(after)];
  const appeared = [...now.keys()].filter((id) => !old.has(id));
  const disappeared = [...old.keys()].filter((id) => !now.has(id));
  const altered = [...now].flatMap(([id, lasting]) =>
    old.has(id) && old.get(id) !== lasting ? [id] : [],
  );
  const isSame = appeared.length + disappeared.length + altered.length === 0;
  return isSame ? undefined : { appeared, disappeared, altered };
}

function lastingBy({ devices }: HardwareReport): Map<string, string> {
  return new Map(devices.map((device) => [device.id, JSON.stringify(lastingOf(device))]));
}

function lastingOf(device: Device): object {
  return { ...device, freeBytes: 0, temperatureCelsius: 0, utilization: 0 };
}
