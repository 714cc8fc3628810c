import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";

import type { WorkerSpec } from "../launcher.ts";

const QUESTION = `import json, os, sys
folders = [sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path]
print(json.dumps([os.path.abspath(each) for each in folders if each]))`;
const TIMEOUT_MS = 30_000;

/** Everything that an interpreter is made of, as far as its search path names it; asked of itself, outside of any sandbox. */
export function interpreterFolders({ python, env }: WorkerSpec): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...(env ?? process.env) }, timeout: TIMEOUT_MS };
    execFile(python, ["-c", QUESTION], options, (error, stdout) => {
      if (error === null) resolve(foldersIn(stdout, python));
      else reject(error);
    });
  });
}

function foldersIn(said: string, python: string): readonly string[] {
  const named: unknown = JSON.parse(said.trim().split("\n").at(-1) ?? "[]");
  const folders = Array.isArray(named) ? named.filter((each) => typeof each === "string") : [];
  const all = new Set(folders.filter((folder) => folder !== "/"));
  for (const each of [...all, python]) {
    all.add(each);
    try {
      // What a link leads to is looked for by its own name.
      all.add(realpathSync(each));
    } catch {
      all.delete(each);
    }
  }
  return outermost([...all]);
}

/** Without those that are below others, or below what every sandbox has. */
function outermost(folders: readonly string[]): readonly string[] {
  const kept: string[] = ["/usr"];
  for (const folder of folders.toSorted()) {
    if (!kept.some((each) => folder === each || folder.startsWith(`${each}/`))) kept.push(folder);
  }
  return kept.slice(1);
}
