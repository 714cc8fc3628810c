import { readFile } from "node:fs/promises";
import { availableParallelism, cpus, freemem, totalmem } from "node:os";

import { runTool, type ToolResult } from "./tool.ts";
import { VISIBILITY_VARIABLES } from "./visible.ts";

/** What probes look at: the machine itself, or what was recorded of another one. */
export interface Machine {
  /** As `process.platform`. */
  readonly platform: string;
  /** As `process.arch`. */
  readonly architecture: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file of the system, such as `/proc/cpuinfo`; none when it cannot be read. */
  read(path: string): Promise<string | undefined>;
  run(tool: string, args: readonly string[]): Promise<ToolResult>;
  /** What Node itself knows. */
  basics(): MachineBasics;
}

export interface MachineBasics {
  readonly model: string | undefined;
  readonly logicalCores: number;
  /** Cores that this process may run on. */
  readonly usableCores: number;
  readonly memoryBytes: number;
  readonly freeBytes: number;
}

export interface ThisMachineOptions {
  /** Longest that a tool of a vendor may take. @default 10_000 */
  readonly timeoutMs?: number | undefined;
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * The machine that this process runs on.
 *
 * @throws {RangeError} when the time is none
 */
export function thisMachine({
  timeoutMs = 10_000,
  env = process.env,
}: ThisMachineOptions = {}): Machine {
  if (!(timeoutMs > 0 && timeoutMs <= 0x7fff_ffff)) {
    throw new RangeError(
      `Cannot look at hardware as timeoutMs must be from 1 to 2147483647: ${timeoutMs}`,
    );
  }
  // Some tools would leave out what is hidden, and count anew.
  const toolEnv = Object.fromEntries(
    Object.entries(env).filter(([name]) => !VISIBILITY_VARIABLES.includes(name)),
  );
  return {
    platform: process.platform,
    architecture: process.arch,
    env,
    read: (path) => readFile(path, "utf8").catch(() => undefined),
    run: (tool, args) => runTool(tool, args, { env: toolEnv, timeoutMs }),
    basics() {
      const all = cpus();
      return {
        model: all[0]?.model,
        // There is none where /proc is not mounted.
        logicalCores: Math.max(all.length, 1),
        usableCores: availableParallelism(),
        memoryBytes: totalmem(),
        freeBytes: freemem(),
      };
    },
  };
}
