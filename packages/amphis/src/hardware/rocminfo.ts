import { amountOf, textOf } from "./probe.ts";
import type { RocmFacts } from "./rocm-smi.ts";

/**
 * Reads what `rocminfo` says: a block for each agent, processors too, of `key: value` lines. Below `Pool Info:` stand the pools of its
 * memory, the first of which is all of it.
 */
export function parseRocminfo(text: string): RocmFacts[] {
  const agents = text.split(/^\*+\s*\nAgent \d+\s*\n\*+\s*$/mu).slice(1);
  return agents
    .filter((agent) => fieldOf(agent, "Device Type") === "GPU")
    .map((agent, index) => {
      const uuid = /^GPU-[\da-f]{16}$/u.exec(fieldOf(agent, "Uuid") ?? "")?.[0];
      return {
        index,
        uuid,
        name: textOf(fieldOf(agent, "Marketing Name")),
        architecture: /^gfx[\da-f]{3,5}/u.exec(fieldOf(agent, "Name") ?? "")?.[0],
        computeUnits: amountOf(fieldOf(agent, "Compute Unit")),
        memoryBytes: memoryOf(agent),
      };
    });
}

/** The first of its name; those of pools and instruction sets stand behind, farther in. */
function fieldOf(agent: string, name: string): string | undefined {
  return new RegExp(`^ {2}${name}:\\s+(.*?)\\s*$`, "mu").exec(agent)?.[1];
}

function memoryOf(agent: string): number | undefined {
  const kib = /^ +Size:\s+(\d{1,15})\(0x[\da-f]+\) KB\s*$/mu.exec(agent)?.[1];
  const amount = amountOf(kib);
  return amount === undefined ? undefined : amount * 1_024;
}
