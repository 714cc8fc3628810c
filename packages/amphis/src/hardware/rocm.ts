import type { RocmDevice } from "./device.ts";
import type { Machine } from "./machine.ts";
import { absent, failureOf, type Finding, found } from "./probe.ts";
import { type RocmFacts, parseRocmSmi } from "./rocm-smi.ts";
import { parseRocminfo } from "./rocminfo.ts";
import type { ToolResult } from "./tool.ts";
import { visibleAmong } from "./visible.ts";

const SMI = "rocm-smi";
const SMI_ARGUMENTS = [
  "--showproductname",
  "--showuniqueid",
  "--showdriverversion",
  "--showmeminfo",
  "vram",
  "--showtemp",
  "--showuse",
  "--json",
];
const INFO = "rocminfo";

/**
 * Looks for GPUs of AMD, with `rocm-smi` and `rocminfo`.
 *
 * The first knows memory, temperature and use; the second knows the architecture also where the first is too old to, and works alone
 * where there is no driver to ask, as under WSL.
 */
export async function probeRocm(machine: Machine): Promise<Finding> {
  if (machine.platform !== "linux" && machine.platform !== "win32") {
    return absent("rocm", "platform", `there is no ROCm on ${machine.platform}`);
  }
  const [smi, info] = await Promise.all([machine.run(SMI, SMI_ARGUMENTS), machine.run(INFO, [])]);
  const bySmi = smi.kind === "ended" ? parseRocmSmi(smi.stdout) : undefined;
  const byInfo = info.kind === "ended" && info.exitCode === 0 ? parseRocminfo(info.stdout) : [];
  const facts = joined(bySmi ?? [], byInfo);
  if (facts.length > 0) return found(devicesOf(facts, machine));
  return absence(smi, info);
}

/** What says most: a driver that is missing, then the tool that was there to say something. */
function absence(smi: ToolResult, info: ToolResult): Finding {
  const driver = /ROCk module is NOT loaded[\w ,.]*|Driver not initialized[\w ,.()]*/u.exec(
    `${saidBy(smi)}\n${saidBy(info)}`,
  );
  if (driver !== null) return absent("rocm", "driver", driver[0]);
  const [tool, result] =
    smi.kind === "missing" && info.kind !== "missing" ? [INFO, info] : [SMI, smi];
  if (result.kind !== "ended" || result.exitCode !== 0) return failureOf("rocm", tool, result);
  const isUnderstood =
    tool === SMI ? parseRocmSmi(result.stdout) !== undefined : result.stdout.includes("HSA Agents");
  return isUnderstood || result.stdout.trim() === ""
    ? absent("rocm", "no-device", `${tool} lists no GPU`)
    : absent("rocm", "unreadable", `${tool} said: ${result.stdout}`);
}

function saidBy(result: ToolResult): string {
  return result.kind === "ended" ? `${result.stdout}\n${result.stderr}` : "";
}

/** The same devices in the same order, if both tools saw as many. */
function joined(bySmi: readonly RocmFacts[], byInfo: readonly RocmFacts[]): readonly RocmFacts[] {
  if (bySmi.length === 0) return byInfo;
  if (bySmi.length !== byInfo.length) return bySmi;
  return bySmi.map((facts, place) => {
    const more = byInfo[place];
    return {
      ...facts,
      name: facts.name ?? more?.name,
      uuid: facts.uuid ?? more?.uuid,
      architecture: facts.architecture ?? more?.architecture,
      computeUnits: facts.computeUnits ?? more?.computeUnits,
      memoryBytes: facts.memoryBytes ?? more?.memoryBytes,
    };
  });
}

/** HIP counts what the layer below it, ROCR, has left. */
function devicesOf(facts: readonly RocmFacts[], { env }: Machine): RocmDevice[] {
  const left = visibleAmong(facts, env["ROCR_VISIBLE_DEVICES"]);
  const visible = new Set(visibleAmong(left, env["HIP_VISIBLE_DEVICES"]));
  return facts.map((one) => ({
    ...one,
    kind: "rocm",
    id: `rocm:${one.index}`,
    name: one.name ?? one.architecture ?? "unknown",
    isVisible: visible.has(one),
  }));
}
