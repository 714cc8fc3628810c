import { readFileSync, type Stats, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { AmphisError } from "@amphis/protocol";

/** Names of configuration files. A folder has one of them. */
export const CONFIG_FILES: readonly string[] = [
  "amphis.config.ts",
  "amphis.config.js",
  "amphis.config.mjs",
  "amphis.config.json",
  "amphis.config.toml",
];

/**
 * The configuration file of a folder: its own, or of the nearest one above up to the root of the project, which holds `.git` or a `package.json`
 * with `workspaces`.
 *
 * It costs a few looks at the file system, and reads nothing but a `package.json` on the way.
 *
 * @param folder @default the working folder
 * @returns its path; undefined when there is none
 * @throws {AmphisError} CONFIG_AMBIGUOUS; CONFIG_UNTRUSTED for a file in a folder above that belongs to somebody else, as it could be code
 */
export function findConfig(folder: string = process.cwd()): string | undefined {
  const start = resolve(folder);
  for (let here = start; ; here = dirname(here)) {
    const files = CONFIG_FILES.map((name) => join(here, name)).filter(isFile);
    const [file, ...others] = files;
    if (file !== undefined) {
      if (others.length > 0) throw ambiguous(here, files);
      if (here !== start) expectTrusted(file, start);
      return file;
    }
    if (isRoot(here) || dirname(here) === here) return undefined;
  }
}

function isFile(path: string): boolean {
  return look(path)?.isFile() === true;
}

/** What may not be looked at is not there for this program. */
function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function isRoot(folder: string): boolean {
  if (look(join(folder, ".git")) !== undefined) return true;
  const manifest = join(folder, "package.json");
  return isFile(manifest) && hasWorkspaces(manifest);
}

/** A manifest that cannot be read is none of this search's business. */
function hasWorkspaces(manifest: string): boolean {
  try {
    const content: unknown = JSON.parse(readFileSync(manifest, "utf8"));
    return typeof content === "object" && content !== null && Object.hasOwn(content, "workspaces");
  } catch {
    return false;
  }
}

/** Anybody can put a file into `/tmp`, and would have it run by whoever works below. */
function expectTrusted(file: string, start: string): void {
  const user = process.getuid?.();
  if (user === undefined) return;
  const owner = look(file)?.uid;
  if (owner === undefined || owner === user || owner === 0 || owner === look(start)?.uid) return;
  throw new AmphisError(
    "CONFIG_UNTRUSTED",
    `Cannot use the configuration ${file}: it stands above the working folder and belongs to another user (${owner}). ` +
      "Name it with the option config if that is right",
    { file, owner },
  );
}

function ambiguous(folder: string, files: readonly string[]): AmphisError {
  return new AmphisError(
    "CONFIG_AMBIGUOUS",
    `Cannot choose a configuration: ${folder} has ${files.length} of them, ${files.join(", ")}. Keep one, or name it with the option config`,
    { files },
  );
}
