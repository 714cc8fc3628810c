import { fileURLToPath } from "node:url";

import { type AmphisConfig, openPython, type Python, type PythonOptions } from "amphis";
import { onTestFinished } from "vitest";

/** Folder of the Python modules of these tests. */
export const MODULES = fileURLToPath(new URL("modules", import.meta.url));

type Libraries = NonNullable<AmphisConfig["libraries"]>;

/** Python with these libraries, until the test is over. */
export async function openWith(libraries: Libraries, options: PythonOptions = {}): Promise<Python> {
  const py = await openPython({ path: MODULES, workers: 1, config: { libraries }, ...options });
  onTestFinished(() => py.close());
  return py;
}
