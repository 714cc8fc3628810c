import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import type { LockedPackage } from "./lock.ts";

/**
 * Downloaded files by their hash, shared by all projects of a user, for the tool that cannot install from its own cache offline.
 *
 * A file is in a folder that is called like its hash and comes there whole, so that several processes may add at the same time. Who takes
 * a file checks its hash again.
 */
export class WheelStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Those of the packages of which no file is here. */
  async missing(packages: readonly LockedPackage[]): Promise<readonly LockedPackage[]> {
    const found = await Promise.all(packages.map((each) => this.folders([each])));
    return packages.filter((_, index) => found[index]?.length === 0);
  }

  /** Takes in what a download puts into a folder, or nothing if it fails. */
  async add(download: (folder: string) => Promise<void>): Promise<void> {
    const arriving = join(this.#folder, `arriving-${randomUUID()}`);
    await mkdir(arriving, { recursive: true, mode: 0o700 });
    try {
      await download(arriving);
      for (const name of await readdir(arriving)) await this.#take(join(arriving, name), name);
    } finally {
      await rm(arriving, { recursive: true, force: true });
    }
  }

  /** The folders with files of these packages, or with all, for a tool to look into. */
  async folders(packages?: readonly LockedPackage[]): Promise<readonly string[]> {
    const hashes = packages?.flatMap((each) => this.#foldersOf(each));
    const names = hashes ?? (await readdir(this.#folder).catch(() => [])).filter(isHashed);
    const found = await Promise.all(names.map((name) => this.#has(name)));
    return names
      .filter((_, index) => found[index] === true)
      .map((name) => join(this.#folder, name));
  }

  #foldersOf({ hashes }: LockedPackage): readonly string[] {
    return hashes.map((hash) => hash.replace(":", "-")).filter(isHashed);
  }

  #has(name: string): Promise<boolean> {
    return readdir(join(this.#folder, name)).then(
      (files) => files.length > 0,
      () => false,
    );
  }

  async #take(path: string, name: string): Promise<void> {
    const whole = `${path}.whole`;
    await mkdir(whole);
    const target = join(this.#folder, `sha256-${await hashOf(path)}`);
    await rename(path, join(whole, name));
    try {
      await rename(whole, target);
    } catch (error) {
      // Another process was first with the same file.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "EPERM") throw error;
    }
  }
}

function isHashed(name: string): boolean {
  return /^sha256-[0-9a-f]{64}$/u.test(name);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** The store of this user. */
export function wheelStore(env: Readonly<Record<string, string | undefined>>): WheelStore {
  const given = env["XDG_CACHE_HOME"] ?? env["LOCALAPPDATA"] ?? "";
  const cache = given === "" ? join(env["HOME"] ?? homedir(), ".cache") : given;
  return new WheelStore(join(cache, "amphis", "wheels"));
}
