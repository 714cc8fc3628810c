import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import type { Finding } from "./finding.ts";

interface Tool {
  readonly name: string;
  /** The variable that names another one. */
  readonly variable?: string;
  readonly use: string;
  readonly advice?: string;
}

const TOOLS: readonly Tool[] = [
  {
    name: "uv",
    variable: "AMPHIS_UV",
    use: "makes environments; pip serves where it is missing",
  },
  {
    name: "bwrap",
    variable: "AMPHIS_BWRAP",
    use: "isolation `sandboxed`",
    advice: "install the package bubblewrap: `apt install bubblewrap`, `dnf install bubblewrap`",
  },
  { name: "nvidia-smi", use: "NVIDIA devices" },
];

/** Programs that some of what there is needs. */
export async function toolFindings(): Promise<readonly Finding[]> {
  return Promise.all(
    TOOLS.map(async ({ name, variable = "", use, advice }): Promise<Finding> => {
      const named = process.env[variable] ?? "";
      const path = await whereIs(named === "" ? name : named);
      if (path !== undefined) {
        return { name, state: "good", text: `${await versionOf(path)}: ${use}` };
      }
      const text = `${named === "" ? "not found" : `no ${named}, which ${variable} names`}: ${use}`;
      return { name, state: "limited", text, advice };
    }),
  );
}

/** pip of a Python, which makes environments where uv is missing. */
export async function pipFinding(python: string): Promise<Finding> {
  const name = "pip";
  const use = "makes environments where there is no uv";
  try {
    const { stdout } = await promisify(execFile)(python, ["-m", "pip", "--version"], {
      timeout: 30_000,
    });
    return { name, state: "good", text: `${stdout.trim().split(" from ", 1)[0] ?? ""}: ${use}` };
  } catch {
    return { name, state: "limited", text: `${python} has none: ${use}` };
  }
}

async function whereIs(command: string): Promise<string | undefined> {
  const folders = command.includes("/") ? [""] : (process.env["PATH"] ?? "").split(delimiter);
  for (const folder of folders) {
    if (folder === "" && folders.length > 1) continue;
    const path = join(folder, command);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}

async function versionOf(path: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(path, ["--version"], { timeout: 10_000 });
    return stdout.trim().split("\n", 1)[0] ?? path;
  } catch {
    return path;
  }
}
