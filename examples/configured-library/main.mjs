/* A library is named in a configuration file, and used: nothing else is written, and nothing installed by hand. */

import { execFileSync } from "node:child_process";

// This repository has an environment with NumPy already, which does instead of one that would be made of what an index has.
const python = process.env["AMPHIS_PYTHON"] ?? "python3";
const prefix = execFileSync(python, ["-c", "import sys; print(sys.prefix)"], { encoding: "utf8" });
process.env["AMPHIS__ENVIRONMENTS__DEFAULT__PREFIX"] ??= prefix.trim();
process.chdir(import.meta.dirname);

// #region use
import { openPython } from "amphis";

const py = await openPython(); // installs what the file names, where it is not there yet

const np = await py.import("np");
console.log(await np.linalg.norm(new Float64Array([3, 4]))); // 5
// #endregion use

// #region see
for (const { name, libraries } of py.environments()) {
  console.log(`${libraries.join(", ")} of the environment ${name}`); // and kind, packages, lock ...
}
// #endregion see

await py.close();
