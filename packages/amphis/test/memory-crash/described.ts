import { spawnSync } from "node:child_process";

import { describe, test } from "vitest";

import { nativeCore } from "../../src/native-core.ts";

/** The interpreter of guests. */
export const PYTHON: string = process.env["AMPHIS_PYTHON"] ?? "python3";

async function missing(): Promise<string | undefined> {
  const native = await nativeCore();
  if (native.kind === "unavailable") return native.reason;
  if (process.env["AMPHIS_PYTHON"] === undefined) {
    return "AMPHIS_PYTHON names no interpreter; run them with npm test";
  }
  const { status, stderr } = spawnSync(PYTHON, ["-c", "import amphis"], { encoding: "utf8" });
  return status === 0 ? undefined : (stderr.trim().split("\n").at(-1) ?? "Python has no Amphis");
}

const reason = await missing();

/** Tests with Python guests; one line says why they are skipped where there can be none. */
export function describeCrashes(name: string, tests: () => void): void {
  if (reason === undefined) describe(`${name}`, () => void tests());
  else test(`${name}: tests`, ({ skip }) => skip(reason));
}
