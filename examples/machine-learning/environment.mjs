import { execFileSync } from "node:child_process";

/** This repository has an environment with the libraries already, which does instead of one that would be made of what an index has. */
export function takeWhatIsHere() {
  const python = process.env["AMPHIS_PYTHON"] ?? "python3";
  const prefix = execFileSync(python, ["-c", "import sys; print(sys.prefix)"]).toString();
  process.env["AMPHIS__ENVIRONMENTS__DEFAULT__PREFIX"] ??= prefix.trim();
  process.chdir(import.meta.dirname);
}
