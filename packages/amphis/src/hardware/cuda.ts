import type { CudaDevice } from "./device.ts";
import type { Machine } from "./machine.ts";
import {
  absent,
  amountOf,
  failureOf,
  type Finding,
  found,
  numberOf,
  partOf,
  textOf,
} from "./probe.ts";
import type { ToolResult } from "./tool.ts";
import { visibleAmong } from "./visible.ts";

const TOOL = "nvidia-smi";
const MIB = 1_048_576;

/** In the order of the columns. The last two are not known to tools of all ages. */
const FIELDS = [
  "index",
  "uuid",
  "name",
  "driver_version",
  "memory.total",
  "memory.free",
  "temperature.gpu",
  "utilization.gpu",
] as const;
const LATER_FIELDS = ["compute_cap", "mig.mode.current"] as const;

/** What the tool returns when it ran, and could not do what it was asked; from its manual. */
const DRIVER_CODES: ReadonlySet<number> = new Set([9, 12, 15, 18]);
const NO_DEVICE_CODE = 6;

/** Looks for GPUs of NVIDIA, with `nvidia-smi`. */
export async function probeCuda(machine: Machine): Promise<Finding> {
  const [{ result, fields }, cuda] = await Promise.all([query(machine), cudaVersion(machine)]);
  if (result.kind !== "ended" || result.exitCode !== 0) return failure(result);
  const lines = result.stdout.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0 || lines[0]?.startsWith("No devices were found") === true) {
    return absent("cuda", "no-device", `${TOOL} lists no GPU`);
  }
  const devices = lines.flatMap((line) => deviceOf(line, fields, cuda));
  const visible = new Set(visibleAmong(devices, machine.env["CUDA_VISIBLE_DEVICES"]));
  return devices.length === 0
    ? absent("cuda", "unreadable", `${TOOL} said: ${lines[0] ?? ""}`)
    : found(devices.map((device) => ({ ...device, isVisible: visible.has(device) })));
}

interface Query {
  readonly result: ToolResult;
  readonly fields: readonly string[];
}

async function query(machine: Machine): Promise<Query> {
  const ask = async (fields: readonly string[]): Promise<Query> => ({
    result: await machine.run(TOOL, [
      `--query-gpu=${fields.join(",")}`,
      "--format=csv,noheader,nounits",
    ]),
    fields,
  });
  const all = await ask([...FIELDS, ...LATER_FIELDS]);
  const isTooOld =
    all.result.kind === "ended" &&
    all.result.exitCode !== 0 &&
    all.result.stdout.includes("is not a valid field");
  return isTooOld ? ask(FIELDS) : all;
}

/** The version is nowhere in the columns; in the report it stands at its head. */
async function cudaVersion(machine: Machine): Promise<string | undefined> {
  const result = await machine.run(TOOL, ["-q", "-d", "COMPUTE"]);
  if (result.kind !== "ended") return undefined;
  return /^CUDA Version\s*:\s*(\d{1,3}\.\d{1,3})\s*$/mu.exec(result.stdout)?.[1];
}

function failure(result: ToolResult): Finding {
  if (result.kind !== "ended") return failureOf("cuda", TOOL, result);
  const { exitCode, stdout, stderr } = result;
  const said = stdout.trim() || stderr.trim();
  if (exitCode === NO_DEVICE_CODE || said.startsWith("No devices were found")) {
    return absent("cuda", "no-device", `${TOOL} lists no GPU`, exitCode);
  }
  return DRIVER_CODES.has(exitCode)
    ? absent("cuda", "driver", said || `${TOOL} ended with ${exitCode}`, exitCode)
    : failureOf("cuda", TOOL, result);
}

/** A line that has not all columns, or no index, is no device. */
function deviceOf(line: string, fields: readonly string[], cuda: string | undefined): CudaDevice[] {
  const values = line.split(",");
  // A name may have commas; no other column may.
  const surplus = values.length - fields.length;
  if (surplus < 0) return [];
  const at = fields.indexOf("name");
  values.splice(at, surplus + 1, values.slice(at, at + surplus + 1).join(","));
  const read = (name: string): string | undefined => values[fields.indexOf(name)];
  const index = amountOf(read("index"));
  const name = textOf(read("name"));
  const uuid = uuidOf(read("uuid"));
  const isSplit = textOf(read("mig.mode.current")) === "Enabled";
  const isIndex = index !== undefined && Number.isSafeInteger(index) && index < 1_024;
  if (!isIndex || name === undefined) return [];
  return [
    {
      kind: "cuda",
      id: `cuda:${index}`,
      index,
      uuid,
      name,
      isVisible: true,
      driver: textOf(read("driver_version")),
      cuda,
      computeCapability: /^\s*(\d{1,2}\.\d{1,2})\s*$/u.exec(read("compute_cap") ?? "")?.[1],
      isSplit,
      memoryBytes: bytesOf(read("memory.total")),
      freeBytes: bytesOf(read("memory.free")),
      temperatureCelsius: numberOf(read("temperature.gpu")),
      utilization: partOf(amountOf(read("utilization.gpu"))),
    },
  ];
}

function uuidOf(text: string | undefined): string | undefined {
  return /^\s*(GPU-[\da-f-]{8,64})\s*$/u.exec(text ?? "")?.[1];
}

function bytesOf(mib: string | undefined): number | undefined {
  const amount = amountOf(mib);
  return amount === undefined ? undefined : amount * MIB;
}
