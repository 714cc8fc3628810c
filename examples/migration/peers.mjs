/* Where the libraries are that one migrates from. They are no dependencies of this repository: a folder has them, or their tests are left out. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Has `node_modules`, and `venv` with a Python; the README says how to make it. */
const folder = process.env["AMPHIS_PEERS"];
const HINT = "AMPHIS_PEERS names no folder that has it; the README says how to make one";

/** The `node_modules` that has a package, and the reason where there is none. */
export function packagePeer(name) {
  const modules = join(folder ?? "", "node_modules");
  const isThere = folder !== undefined && existsSync(join(modules, name));
  return { modules, reason: isThere ? undefined : `${name} is not installed: ${HINT}` };
}

/** The Python that can import some modules, and the reason where there is none. */
export function pythonPeer(modules) {
  const candidates = [folder && join(folder, "venv/bin/python"), process.env["AMPHIS_PYTHON"]];
  const python = candidates.find((candidate) => candidate && canImport(candidate, modules)) ?? "";
  const reason = `${modules.join(", ")} cannot be imported: ${HINT}`;
  return { python, reason: python === "" ? reason : undefined };
}

function canImport(python, modules) {
  try {
    execFileSync(python, ["-c", `import ${modules.join(", ")}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
