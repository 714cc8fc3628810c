import type { CpuFacts } from "./cpu.ts";
import type { Machine } from "./machine.ts";
import { amountOf, textOf } from "./probe.ts";

const NAMES = [
  "machdep.cpu.brand_string",
  "machdep.cpu.features",
  "machdep.cpu.leaf7_features",
  "hw.ncpu",
  "hw.physicalcpu",
  "hw.memsize",
  "hw.optional",
];

/** Asks `sysctl`, which leaves out what it does not know. */
export async function cpuOfMacos(machine: Machine): Promise<CpuFacts> {
  const result = await machine.run("sysctl", NAMES);
  // It ends with an error when it does not know one name, as those of the other architecture.
  return result.kind === "ended" ? parseSysctl(result.stdout) : { features: [] };
}

function parseSysctl(text: string): CpuFacts {
  const values = new Map<string, string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(": ");
    if (colon > 0) values.set(line.slice(0, colon), line.slice(colon + 2).trim());
  }
  return {
    model: textOf(values.get("machdep.cpu.brand_string")),
    logicalCores: amountOf(values.get("hw.ncpu")) || undefined,
    physicalCores: amountOf(values.get("hw.physicalcpu")) || undefined,
    features: featuresOf(values),
    memoryBytes: amountOf(values.get("hw.memsize")) || undefined,
  };
}

/** Intel lists them in capital letters; Apple says of each one 0 or 1. */
function featuresOf(values: ReadonlyMap<string, string>): string[] {
  const listed = ["machdep.cpu.features", "machdep.cpu.leaf7_features"].flatMap((name) =>
    (values.get(name) ?? "").toLowerCase().split(/\s+/u),
  );
  const optional = [...values].flatMap(([name, value]) =>
    name.startsWith("hw.optional.") && value === "1" ? [name.slice(name.lastIndexOf(".") + 1)] : [],
  );
  return [...listed, ...optional].filter((feature) => /^[\w.-]{1,40}$/u.test(feature));
}
