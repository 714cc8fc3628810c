import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

import { onTestFinished } from "vitest";

/** A program in a process of its own, which has said that it is ready and ends with the test. */
export async function startProgram(
  path: string,
  ...args: readonly string[]
): Promise<ChildProcess> {
  const child = spawn(process.execPath, [path, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  await Promise.race([
    once(child.stdout, "data"),
    exited.then(([code]) => {
      throw new Error(`Cannot start ${path}: it ended with ${String(code)}`);
    }),
  ]);
  return child;
}
