import type { Absence, AbsenceReason, Device, DeviceKind } from "./device.ts";
import type { Machine } from "./machine.ts";
import type { ToolResult } from "./tool.ts";

/** What a probe found: devices, at least one, or why there is none. */
export type Finding =
  | { readonly kind: "found"; readonly devices: readonly Device[] }
  | { readonly kind: "absent"; readonly absence: Absence };

/** Looks for the devices of one vendor. It never throws: whatever a tool says becomes a finding. */
export type Probe = (machine: Machine) => Promise<Finding>;

const MAX_DETAIL = 200;

export function found(devices: readonly Device[]): Finding {
  return { kind: "found", devices };
}

export function absent(
  kind: DeviceKind,
  reason: AbsenceReason,
  detail: string,
  exitCode?: number,
): Finding {
  return { kind: "absent", absence: { kind, reason, detail: lineOf(detail), exitCode } };
}

/** What a tool that did not end well says of its kind. */
export function failureOf(kind: DeviceKind, tool: string, result: ToolResult): Finding {
  switch (result.kind) {
    case "missing":
      return absent(kind, "tool-missing", `${tool} is not installed`);
    case "timeout":
      return absent(kind, "timeout", `${tool} did not answer within ${result.timeoutMs} ms`);
    case "failed":
      return absent(kind, "tool-failed", `${tool}: ${result.detail}`);
    case "ended": {
      const { exitCode, stderr, stdout } = result;
      const said = stderr.trim() || stdout.trim() || "it said nothing";
      return absent(kind, "tool-failed", `${tool} ended with ${exitCode}: ${said}`, exitCode);
    }
  }
}

/** The first line of what a tool said, without signs that act on a terminal. */
function lineOf(text: string): string {
  const line = text.trim().split(/[\r\n]/u, 1)[0] ?? "";
  return line.replace(/[\u0000-\u001f\u007f-\u009f]/gu, "?").slice(0, MAX_DETAIL);
}

/** A number as tools write it; none for `[N/A]`, `N/A`, `[Not Supported]` and whatever else is none. */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*[+-]?\d{1,18}(\.\d{1,9})?\s*$/u.test(text)) return undefined;
  return Number(text);
}

/** A number that cannot be negative. */
export function amountOf(text: string | undefined): number | undefined {
  const value = numberOf(text);
  return value === undefined || value < 0 ? undefined : value;
}

/** Text as tools write it; none for `[N/A]` and the like. */
export function textOf(text: string | undefined): string | undefined {
  const trimmed = text?.trim().slice(0, MAX_DETAIL);
  if (trimmed === undefined || trimmed === "") return undefined;
  if (
    /^\[?(?:n\/a|not supported|unknown error|not found|none|unknown|gpu is lost)\]?$/iu.test(
      trimmed,
    ) ||
    /[\u0000-\u001f\u007f-\u009f]/u.test(trimmed)
  ) {
    return undefined;
  }
  return trimmed;
}

/** A part of 1, of a number of percent. */
export function partOf(percent: number | undefined): number | undefined {
  return percent === undefined || percent > 100 ? undefined : percent / 100;
}
