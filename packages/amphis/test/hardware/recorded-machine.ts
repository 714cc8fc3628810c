import { readFileSync } from "node:fs";

import type { Machine, MachineBasics, ToolResult } from "../../src/hardware/index.ts";

/** What a machine had: its files, and what its tools said. */
export interface Recording {
  readonly platform?: string;
  readonly architecture?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly tools?: Readonly<Record<string, (args: readonly string[]) => ToolResult>>;
  readonly basics?: Partial<MachineBasics>;
}

/** A text of the folder `recordings`. */
export function recorded(name: string): string {
  return readFileSync(new URL(`recordings/${name}`, import.meta.url), "utf8");
}

export function said(stdout: string, exitCode = 0, stderr = ""): ToolResult {
  return { kind: "ended", exitCode, stdout, stderr };
}

/** A machine that can be looked at as if one were on it. Tools that were not recorded are missing there. */
export function recordedMachine({
  platform = "linux",
  architecture = "x64",
  env = {},
  files = {},
  tools = {},
  basics = {},
}: Recording): Machine {
  return {
    platform,
    architecture,
    env,
    read: (path) => Promise.resolve(files[path]),
    run: (tool, args) => Promise.resolve(tools[tool]?.(args) ?? { kind: "missing" }),
    basics: () => ({
      model: undefined,
      logicalCores: 4,
      usableCores: 4,
      memoryBytes: 8 * 2 ** 30,
      freeBytes: 2 ** 30,
      ...basics,
    }),
  };
}

/** `nvidia-smi` of a recording; `columns` is how many of them it knows. */
export function nvidiaSmi(
  name: string,
  { columns = 10 } = {},
): (args: readonly string[]) => ToolResult {
  return (args) => {
    const query = /^--query-gpu=(.*)$/u.exec(args[0] ?? "")?.[1];
    if (query === undefined) return said(columns < 10 ? "" : recorded(`${name}.txt`));
    const asked = query.split(",");
    return asked.length > columns
      ? said(`Field "${asked[columns] ?? ""}" is not a valid field to query.\n\n`, 2)
      : said(recorded(`${name}.csv`));
  };
}
