import { randomUUID, webcrypto } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { textHash } from "./content-hash.ts";
import { pack, unpack } from "./packed.ts";
import { decodeStored, encodeStored } from "./stored-value.ts";

/** What a store holds at most, and for how long. */
export interface StoreLimits {
  readonly ttlMs: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
}

const MAGIC = Buffer.from("amphis result 2\n");
const HASH_BYTES = 32;
const ENDING = ".result";

/**
 * Results of one function in a folder, for programs that come later: one file each.
 *
 * A file is written whole or not at all, deflated where that makes it much smaller. What it holds is checked before it is used, the arguments too; what is damaged, of another version
 * or too old is as if it were not there. Several programs may use one folder. Who can write there decides what functions give, so it is made
 * for its owner alone.
 */
export class ResultStore {
  readonly #folder: string;
  readonly #limits: StoreLimits;
  #sincePruned = Infinity;

  /** @param folder of this function alone */
  constructor(folder: string, limits: StoreLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** What is kept under a name; undefined: nothing that can be used. */
  async read(name: string): Promise<{ readonly value: unknown } | undefined> {
    try {
      const body = await bodyOf(await readFile(this.#pathOf(name)), this.#limits.maxBytes);
      return body === undefined ? undefined : decodeStored(body, name, Date.now());
    } catch {
      return undefined;
    }
  }

  /** Keeps a result, if it can be written down. Never rejects: it is there for speed alone. */
  async write(name: string, value: unknown): Promise<void> {
    const { ttlMs, maxBytes } = this.#limits;
    const body = encodeStored(name, value, Date.now() + ttlMs);
    if (body === undefined || body.length > maxBytes) return;
    const path = this.#pathOf(name);
    const own = `${path}.${randomUUID()}`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const packed = await pack(body);
      const file = Buffer.concat([MAGIC, await hashOf(packed), packed]);
      await writeFile(own, file, { mode: 0o600, flag: "wx" });
      await rename(own, path);
      await this.#prune();
    } catch {
      await rm(own, { force: true }).catch(() => "as above");
    }
  }

  clear(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  #pathOf(name: string): string {
    return join(this.#folder, textHash(name) + ENDING);
  }

  /** Removes the oldest beyond the limits; looks now and then. */
  async #prune(): Promise<void> {
    const { maxEntries, maxBytes } = this.#limits;
    this.#sincePruned += 1;
    if (this.#sincePruned < Math.max(1, maxEntries / 16)) return;
    this.#sincePruned = 0;
    const names = (await readdir(this.#folder)).filter((name) => name.includes(ENDING));
    const files = await Promise.all(names.map((name) => fileOf(join(this.#folder, name))));
    files.sort((one, other) => other.changedAt - one.changedAt);
    let bytes = 0;
    for (const [index, { path, size }] of files.entries()) {
      bytes += size;
      if (index >= maxEntries || bytes > maxBytes) await rm(path, { force: true });
    }
  }
}

async function fileOf(path: string) {
  try {
    const { size, mtimeMs } = await stat(path);
    return { path, size, changedAt: mtimeMs };
  } catch {
    // Another program removed it.
    return { path, size: 0, changedAt: 0 };
  }
}

async function bodyOf(file: Buffer, mostBytes: number): Promise<Uint8Array | undefined> {
  const start = MAGIC.length + HASH_BYTES;
  if (file.length < start || !file.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  const packed = file.subarray(start);
  const hash = await hashOf(packed);
  return hash.equals(file.subarray(MAGIC.length, start)) ? unpack(packed, mostBytes) : undefined;
}

/** By another thread: results may be large, and nobody waits for them. */
async function hashOf(bytes: Uint8Array): Promise<Buffer> {
  return Buffer.from(await webcrypto.subtle.digest("SHA-256", bytes));
}
