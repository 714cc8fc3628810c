import { isAmphisError } from "@amphis/protocol";
import { openPython, type PythonOptions } from "amphis";

import { type Finding, messageOf } from "./finding.ts";
import { isolationFindings } from "./isolation.ts";
import { pipFinding } from "./tools.ts";

/** A worker is started, so that what is said is what happens. */
export async function pythonFindings(options: PythonOptions): Promise<readonly Finding[]> {
  try {
    await using py = await openPython({ ...options, workers: 1 });
    const version = await py.call<string>("platform:python_version");
    const { python, memory } = py.status();
    return [
      { name: "Python", state: "good", text: `${version} at ${python}; a worker started` },
      memory === undefined
        ? {
            name: "shared memory",
            state: "limited",
            text: "none: arrays and tables are copied",
            advice: "it needs the native core, on Linux",
          }
        : { name: "shared memory", state: "good", text: "arrays and tables are not copied" },
      await pipFinding(python),
      ...(await isolationFindings(python)),
    ];
  } catch (error) {
    const text = "no worker could be started";
    const finding: Finding = { name: "Python", state: "missing", text, advice: messageOf(error) };
    // What is configured may ask for more isolation than there is: then it is worth knowing what there is.
    return isAmphisError(error, "ISOLATION_UNSUPPORTED") && options.config !== false
      ? [finding, ...(await pythonFindings({ ...options, config: false })).filter(isOfIsolation)]
      : [finding];
  }
}

function isOfIsolation({ name }: Finding): boolean {
  return name.startsWith("isolation ") || name === "hard limits";
}

export async function nativeFinding(): Promise<Finding> {
  const name = "native core";
  try {
    const { loadNative } = await import("@amphis/native");
    const native = loadNative();
    if (native.kind === "available") return { name, state: "good", text: native.folder };
    return { name, state: "limited", text: "not loaded: calls are slower", advice: native.reason };
  } catch (error) {
    const text = "not installed: calls are slower";
    return { name, state: "limited", text, advice: messageOf(error) };
  }
}
