import type { Scope } from "./failure.ts";
import type { Interpreter } from "./interpreter.ts";
import type { LockedPackage } from "./lock.ts";
import type { OnProgress } from "./progress.ts";
import type { ToolSurroundings } from "./tool.ts";

/*
 * What is asked of the tool that makes environments. Both ways give the same lock, and install exactly what it says, by hash and without
 * looking at what packages depend on. None of them is ever given text of a lock or of configuration as an option.
 */

/** Everything that a tool needs to know of one environment. */
export interface InstallerContext extends ToolSurroundings, Scope {
  readonly interpreter: Interpreter;
  /** Folder that only this build uses, for files that tools read. */
  readonly work: string;
  /** Folders with wheels. */
  readonly folders: readonly string[];
  /** Whether indexes are asked at all. */
  readonly useIndexes: boolean;
  /** Whether packages may be built from source, which runs their code. */
  readonly builds: boolean;
  readonly offline: boolean;
  readonly onProgress: OnProgress;
}

export interface Installer {
  readonly name: "uv" | "pip";
  readonly version: string;
  /** Platform that its locks are for. */
  readonly platform: string;
  /**
   * Chooses versions. Those that are preferred stay unless they no longer fit.
   *
   * @throws {AmphisError} ENVIRONMENT_CONFLICT with the explanation, ENVIRONMENT_OFFLINE
   */
  resolve(
    requirements: readonly string[],
    preferred: readonly LockedPackage[],
  ): Promise<readonly LockedPackage[]>;
  /** Makes an empty environment in a folder that does not exist yet. */
  make(prefix: string): Promise<void>;
  /**
   * Installs these packages, over what is there when it is asked to.
   *
   * @throws {AmphisError} ENVIRONMENT_HASH_MISMATCH, ENVIRONMENT_OFFLINE, ENVIRONMENT_INSTALL_FAILED
   */
  install(
    prefix: string,
    packages: readonly LockedPackage[],
    options?: { readonly again?: boolean },
  ): Promise<void>;
}

/** Text of packages as both tools read it; hashes make them refuse any other file. */
export function formatPackages(packages: readonly LockedPackage[]): string {
  return packages
    .map(({ name, version, marker, hashes }) => {
      const condition = marker === "" ? "" : ` ; ${marker}`;
      const accepted = hashes.map((hash) => ` \\\n    --hash=${hash}`).join("");
      return `${name}==${version}${condition}${accepted}\n`;
    })
    .join("");
}

/** The packages among these that a tool's message names. */
export function namedIn(
  text: string,
  packages: readonly { readonly name: string; readonly version?: string }[],
): string[] {
  const folded = text.toLowerCase().replaceAll(/[_.]/gu, "-");
  return packages
    .filter(({ name }) => new RegExp(`(?<![a-z0-9-])${name}(?![a-z0-9-]*[a-z])`, "u").test(folded))
    .map(({ name, version }) => (version === undefined ? name : `${name}==${version}`));
}

/** Where a Python is within its environment. */
export function pythonIn(prefix: string): string {
  return process.platform === "win32" ? `${prefix}\\Scripts\\python.exe` : `${prefix}/bin/python`;
}
