import { spawnSync } from "node:child_process";

import { describe, test } from "vitest";

import { nativeCore } from "../../src/native-core.ts";

async function missing(): Promise<string | undefined> {
  const native = await nativeCore();
  if (native.kind === "unavailable") return native.reason;
  const python = process.env["AMPHIS_PYTHON"];
  if (python === undefined) return "AMPHIS_PYTHON names no interpreter; run them with npm test";
  const probe = "import numpy, pyarrow, pandas, polars";
  const { status, stderr } = spawnSync(python, ["-c", probe], { encoding: "utf8" });
  return status === 0 ? undefined : (stderr.trim().split("\n").at(-1) ?? "Python has no NumPy");
}

const reason = await missing();

/** Tests with a Python guest; one line says why they are skipped where there can be none. */
export function describeGuest(name: string, tests: () => void): void {
  if (reason === undefined) describe(`${name}`, () => void tests());
  else test(`${name}: tests`, ({ skip }) => skip(reason));
}
