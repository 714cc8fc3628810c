import type { RocmDevice } from "./device.ts";
import { amountOf, numberOf, partOf, textOf } from "./probe.ts";

/** What a tool of AMD says of a GPU. */
export type RocmFacts = Omit<RocmDevice, "kind" | "id" | "name" | "isVisible"> & {
  readonly name?: string | undefined;
};

type Fields = ReadonlyMap<string, string>;

/**
 * Reads what `rocm-smi --json` says: an object for each card, and one for the system. Warnings may stand in front of it.
 *
 * @returns nothing when it is no such text
 */
export function parseRocmSmi(text: string): RocmFacts[] | undefined {
  const report = jsonIn(text);
  if (report === undefined) return undefined;
  const driver = textOf(fieldsOf(report["system"]).get("driver version"));
  return Object.entries(report)
    .flatMap(([key, card]) => {
      const index = amountOf(/^card:?(\d{1,4})$/u.exec(key)?.[1]);
      return index === undefined ? [] : [{ index, fields: fieldsOf(card) }];
    })
    .sort((a, b) => a.index - b.index)
    .map(({ fields }, index) => factsOf(fields, index, driver));
}

/** Cards are counted by the system, with gaps where one is of another vendor; devices are not. */
function factsOf(fields: Fields, index: number, driver: string | undefined): RocmFacts {
  const total = amountOf(fields.get("vram total memory (b)"));
  const used = amountOf(fields.get("vram total used memory (b)"));
  const temperature =
    fields.get("temperature (sensor edge) (c)") ?? fields.get("temperature (sensor junction) (c)");
  return {
    index,
    uuid: uuidOf(fields.get("unique id")),
    name: textOf(fields.get("card series")) ?? textOf(fields.get("device name")),
    architecture: /^gfx[\da-f]{3,5}/u.exec(fields.get("gfx version") ?? "")?.[0],
    driver,
    memoryBytes: total,
    freeBytes: total === undefined || used === undefined || used > total ? undefined : total - used,
    temperatureCelsius: numberOf(temperature),
    utilization: partOf(amountOf(fields.get("gpu use (%)"))),
  };
}

/** As `rocminfo` and `ROCR_VISIBLE_DEVICES` write it. */
function uuidOf(text: string | undefined): string | undefined {
  const digits = /^0x([\da-f]{1,16})$/iu.exec(text?.trim() ?? "")?.[1];
  return digits === undefined ? undefined : `GPU-${digits.toLowerCase().padStart(16, "0")}`;
}

/** The names of fields change their case from version to version. */
function fieldsOf(card: unknown): Fields {
  const fields = new Map<string, string>();
  if (typeof card !== "object" || card === null) return fields;
  for (const [name, value] of Object.entries(card)) {
    if (typeof value === "string") fields.set(name.trim().toLowerCase(), value);
    else if (typeof value === "number") fields.set(name.trim().toLowerCase(), String(value));
  }
  return fields;
}

function jsonIn(text: string): Record<string, unknown> | undefined {
  const start = text.search(/^\s*\{/mu);
  if (start === -1) return undefined;
  try {
    const value: unknown = JSON.parse(text.slice(start));
    return typeof value === "object" && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
