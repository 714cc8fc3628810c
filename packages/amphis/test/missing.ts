import { spawnSync } from "node:child_process";

import { nativeCore } from "../src/native-core.ts";

export const NO_PYTHON = "AMPHIS_PYTHON names no interpreter; run it with npm test";

/** Why tests with Python and shared memory cannot be run, in one line, if so. Python must be able to import these modules. */
export async function missing(modules: string): Promise<string | undefined> {
  const native = await nativeCore();
  if (native.kind === "unavailable") return native.reason;
  const python = process.env["AMPHIS_PYTHON"];
  if (python === undefined) return NO_PYTHON;
  const { status, stderr } = spawnSync(python, ["-c", `import ${modules}`], { encoding: "utf8" });
  return status === 0 ? undefined : (stderr.trim().split("\n").at(-1) ?? `no ${modules}`);
}
