/* An environment of a project: chosen, locked, installed, checked, mended and updated. */

import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { isAmphisError } from "@amphis/protocol";
import { openPython } from "amphis";
import { openEnvironment, repairEnvironment, updateEnvironment } from "amphis/library";

const project = await mkdtemp(join(tmpdir(), "amphis-example-"));
const python = process.env.AMPHIS_PYTHON ?? "python3";
const script = fileURLToPath(new URL("make_wheels.py", import.meta.url));
execFileSync(python, [script, project]);
// The packages of this example are on no index.
const here = { project, folders: [project], useIndexes: false };

try {
  // #region open
  const request = {
    ...here,
    libraries: [{ package: "paintings", modules: ["paintings"] }],
    dependencies: ["colours<2"],
  };
  const environment = await openEnvironment(request, {
    onProgress: (progress) => {
      if (progress.kind === "installing") console.log(`install   ${progress.package}`);
    },
  });
  // #endregion open
  console.log(`made      ${relative(project, environment.prefix).slice(0, 29)}`);

  // #region use
  const py = await openPython({ python: environment.python });
  console.log(`used      ${await py.call("paintings:title")}`);
  await py.close();
  // #endregion use

  // #region conflict
  try {
    const name = "framed";
    await openEnvironment({ ...here, name, dependencies: ["frames", "colours>=2"] });
  } catch (error) {
    if (!isAmphisError(error, "ENVIRONMENT_CONFLICT")) throw error;
    console.log(`refused   ${error.explanation.includes("colours<2")}`);
  }
  // #endregion conflict

  // #region repair
  const { problems, reinstalled } = await repairEnvironment(request);
  console.log(`repaired  ${problems.length} problems, ${reinstalled.length} packages`);
  // #endregion repair

  // #region update
  const { changes } = await updateEnvironment({ ...request, dependencies: [] });
  for (const { name, from, to } of changes) console.log(`changed   ${name} ${from} -> ${to}`);
  // #endregion update
} finally {
  await rm(project, { recursive: true, force: true });
}
