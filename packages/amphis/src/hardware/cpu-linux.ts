import type { CpuFacts } from "./cpu.ts";
import type { Machine } from "./machine.ts";
import { amountOf, textOf } from "./probe.ts";

/** Reads `/proc/cpuinfo` and `/proc/meminfo`. */
export async function cpuOfLinux(machine: Machine): Promise<CpuFacts> {
  const [cpu, memory] = await Promise.all([
    machine.read("/proc/cpuinfo"),
    machine.read("/proc/meminfo"),
  ]);
  return { ...parseCpuinfo(cpu ?? ""), ...parseMeminfo(memory ?? "") };
}

/**
 * Blocks of `key : value`, one for each logical core. Intel and AMD have `model name`, `flags`, `physical id` and `core id`; ARM has
 * `Features`, and numbers instead of a name.
 */
function parseCpuinfo(text: string): CpuFacts {
  const cores = text
    .split(/^(?=processor\s*:)/mu)
    .map(fieldsOf)
    .filter((fields) => fields.has("processor"));
  const [first] = cores;
  if (first === undefined) return { features: [] };
  const physical = new Set(
    cores.flatMap((core) => {
      const [socket, id] = [core.get("physical id"), core.get("core id")];
      return socket === undefined || id === undefined ? [] : [`${socket}/${id}`];
    }),
  );
  const flags = first.get("flags") ?? first.get("features") ?? "";
  return {
    model: textOf(first.get("model name")) ?? armModel(first),
    logicalCores: cores.length,
    physicalCores: physical.size === 0 ? undefined : physical.size,
    features: flags.split(/\s+/u).filter((flag) => /^[\w.-]{1,40}$/u.test(flag)),
  };
}

function fieldsOf(block: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (name !== "") fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

/** ARM names its cores by numbers alone; they tell two machines apart. */
function armModel(fields: ReadonlyMap<string, string>): string | undefined {
  const [maker, part] = [fields.get("cpu implementer"), fields.get("cpu part")];
  return maker === undefined || part === undefined ? undefined : textOf(`ARM ${maker} ${part}`);
}

function parseMeminfo(text: string): Pick<CpuFacts, "memoryBytes" | "freeBytes"> {
  const bytesOf = (name: string): number | undefined => {
    const kib = amountOf(new RegExp(`^${name}:\\s*(\\d+) kB$`, "mu").exec(text)?.[1]);
    return kib === undefined ? undefined : kib * 1_024;
  };
  return { memoryBytes: bytesOf("MemTotal"), freeBytes: bytesOf("MemAvailable") };
}
