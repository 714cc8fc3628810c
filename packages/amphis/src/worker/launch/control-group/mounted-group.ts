import { readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** Version 2 of control groups, as this process sees it. */
export interface MountedGroup {
  /** Where the hierarchy is mounted. */
  readonly mount: string;
  /** Folder of the group that this process is in. */
  readonly own: string;
}

/** Where the group of this process is; undefined where none is mounted that it can see. */
export function mountedGroup(): MountedGroup | undefined {
  const path = /^0::(\/.*)$/mu.exec(textOf("/proc/self/cgroup"))?.[1];
  if (path === undefined || path.includes("/..")) return undefined;
  for (const line of textOf("/proc/self/mountinfo").split("\n")) {
    const [left = "", right = ""] = line.split(" - ");
    if (!right.startsWith("cgroup2 ")) continue;
    const [, , , root = "/", mount = ""] = left.split(" ").map(unescaped);
    const inner = relative(root, path);
    if (!inner.startsWith("..")) return { mount, own: join(mount, inner) };
  }
  return undefined;
}

/** The words of a file of a group; none where it cannot be read. */
export function wordsOf(folder: string, file: string): readonly string[] {
  return textOf(join(folder, file)).split(/\s+/u).filter(Boolean);
}

/** Blanks and the like are written as octal numbers there. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/gu, (_, digits: string) =>
    String.fromCodePoint(Number.parseInt(digits, 8)),
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
