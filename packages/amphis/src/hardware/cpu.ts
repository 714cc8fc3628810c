import { cgroupLimits } from "./cgroup.ts";
import { cpuOfLinux } from "./cpu-linux.ts";
import { cpuOfMacos } from "./cpu-macos.ts";
import type { CpuDevice } from "./device.ts";
import type { Machine } from "./machine.ts";
import { type Finding, found } from "./probe.ts";

/** What a system says of its processor. What it does not say is absent. */
export interface CpuFacts {
  readonly model?: string | undefined;
  readonly logicalCores?: number | undefined;
  readonly physicalCores?: number | undefined;
  readonly features: readonly string[];
  readonly memoryBytes?: number | undefined;
  readonly freeBytes?: number | undefined;
}

const NO_FACTS: CpuFacts = { features: [] };

/** Looks at the processor, which is always there: what the system does not say, Node does. */
export async function probeCpu(machine: Machine): Promise<Finding> {
  const [facts, group] = await Promise.all([factsOf(machine), cgroupLimits(machine)]);
  const basics = machine.basics();
  const logicalCores = facts.logicalCores ?? basics.logicalCores;
  const memoryBytes = facts.memoryBytes ?? basics.memoryBytes;
  const isMemoryLimited = group.memoryBytes !== undefined && group.memoryBytes < memoryBytes;
  const isCoresLimited = group.cores !== undefined && group.cores < basics.usableCores;
  const device: CpuDevice = {
    kind: "cpu",
    id: "cpu",
    name: facts.model ?? basics.model?.trim() ?? "unknown",
    isVisible: true,
    architecture: machine.architecture,
    logicalCores,
    physicalCores: facts.physicalCores,
    features: [...new Set(facts.features)].sort(),
    memoryBytes,
    freeBytes: facts.freeBytes ?? basics.freeBytes,
    limits: {
      cores: isCoresLimited ? (group.cores ?? basics.usableCores) : basics.usableCores,
      memoryBytes: isMemoryLimited ? group.memoryBytes : undefined,
      source: isMemoryLimited || isCoresLimited ? group.source : "none",
    },
  };
  return found([device]);
}

function factsOf(machine: Machine): Promise<CpuFacts> {
  switch (machine.platform) {
    case "linux":
      return cpuOfLinux(machine);
    case "darwin":
      return cpuOfMacos(machine);
    default:
      return Promise.resolve(NO_FACTS);
  }
}
