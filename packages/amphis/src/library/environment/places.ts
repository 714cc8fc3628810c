import { randomUUID } from "node:crypto";
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { pythonIn } from "./installer.ts";
import { isVersion } from "./interpreter.ts";

/*
 * Where environments are: `.amphis/environments/NAME/KEY-RANDOM` in the project. Scripts of an environment hold its path, so that it is
 * made where it will stay; it counts from the moment when `KEY.json` beside it names it. Each attempt has a folder of its own: what a
 * killed attempt left, even while a tool of it still runs, is never looked at.
 */

/** What makes a folder an environment. */
export interface Stamp {
  /** Name of the folder beside the stamp. */
  readonly folder: string;
  /** `3.12.4` */
  readonly python: string;
  /** The interpreter that it was made of, and what it was asked for by, if by a path. */
  readonly base: string;
  readonly asked: string;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
}

/** The folders of one environment of a project. */
export class EnvironmentFolder {
  readonly path: string;
  readonly #amphis: string;

  constructor(project: string, name: string) {
    this.#amphis = join(project, ".amphis");
    this.path = join(this.#amphis, "environments", name);
  }

  /** Where turns are taken: one for all environments of a project, because they share the lock. */
  get turns(): string {
    return join(this.#amphis, "environments");
  }

  /** Makes the folders, and keeps them out of version control. */
  async make(): Promise<void> {
    await mkdir(this.path, { recursive: true });
    const ignore = join(this.#amphis, ".gitignore");
    await writeFile(ignore, "*\n", { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }

  /** A folder for an attempt, which does not exist yet. */
  newPrefix(key: string): string {
    return join(this.path, `${key}-${randomUUID().slice(0, 8)}`);
  }

  prefixOf({ folder }: Stamp): string {
    return join(this.path, folder);
  }

  /** The environment of a key, if it is whole and its Python is still there. */
  async stampOf(key: string): Promise<Stamp | undefined> {
    const text = await readFile(join(this.path, `${key}.json`), "utf8").catch(() => "");
    const stamp = parseStamp(text, key);
    if (stamp === undefined) return undefined;
    const python = pythonIn(this.prefixOf(stamp));
    return access(python).then(
      () => stamp,
      () => undefined,
    );
  }

  async stamp(key: string, stamp: Stamp): Promise<void> {
    const draft = join(this.path, `${key}.${randomUUID().slice(0, 8)}.draft`);
    await writeFile(draft, `${JSON.stringify(stamp)}\n`);
    await rename(draft, join(this.path, `${key}.json`));
  }

  /** From here on the environment is not used by anybody who opens it. */
  async withdraw(key: string): Promise<void> {
    await rm(join(this.path, `${key}.json`), { force: true });
  }

  /** Removes what no stamp names, and the environments of other keys if only these are kept. */
  async clean(keep?: ReadonlySet<string>): Promise<readonly string[]> {
    const names = await readdir(this.path).catch(() => []);
    const keys = names.flatMap((name) => /^([0-9a-f]{16})\.json$/u.exec(name)?.[1] ?? []);
    const stamps = new Map<string, Stamp | undefined>();
    for (const key of keys) stamps.set(key, await this.stampOf(key));
    const kept = new Set<string>();
    for (const [key, stamp] of stamps) {
      if (stamp === undefined || keep?.has(key) === false) await this.withdraw(key);
      else kept.add(stamp.folder);
    }
    const removed = names.filter((name) => !kept.has(name) && LEFT.test(name));
    for (const name of removed) await remove(join(this.path, name));
    return removed.filter((name) => FOLDER.test(name)).map((name) => join(this.path, name));
  }
}

const FOLDER = /^[0-9a-f]{16}-[0-9a-f]{8}$/u;
const LEFT = /^[0-9a-f]{16}(?:-[0-9a-f]{8}|\.[0-9a-f]{8}\.draft)$/u;

function parseStamp(text: string, key: string): Stamp | undefined {
  try {
    const { folder, python, base, asked, packages } = JSON.parse(text) as Partial<Stamp>;
    const isWhole =
      typeof folder === "string" &&
      folder.startsWith(`${key}-`) &&
      FOLDER.test(folder) &&
      typeof python === "string" &&
      typeof base === "string" &&
      typeof asked === "string" &&
      Array.isArray(packages) &&
      packages.every((each) => typeof each?.name === "string" && typeof each.version === "string");
    return isWhole ? { folder, python, base, asked, packages } : undefined;
  } catch {
    return undefined;
  }
}

/** A tool that was killed with its parent may still write for a moment: what is left then goes another time. */
export async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
}

/** Whether an environment was made of the Python that is asked for now. */
export function isMadeOf(
  stamp: Stamp,
  { version, path }: { readonly version?: string | undefined; readonly path?: string | undefined },
): boolean {
  return (
    (version === undefined || isVersion(stamp.python, version)) &&
    (path === undefined || stamp.base === path || stamp.asked === path)
  );
}
