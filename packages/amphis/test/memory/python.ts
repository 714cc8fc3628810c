import { execFileSync } from "node:child_process";

/** The interpreter that the test command found; undefined where there is none. */
export const python: string | undefined = process.env["AMPHIS_PYTHON"];

/** Runs a script with bytes on its input. @returns the bytes of its output */
export function runPython(interpreter: string, script: string, input: Uint8Array): Buffer {
  return execFileSync(interpreter, ["-c", script], { input, maxBuffer: 64 * 1_048_576 });
}

/** Whether the interpreter has this module. */
export function hasModule(name: string): boolean {
  if (python === undefined) return false;
  try {
    execFileSync(python, ["-c", `import ${name}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
