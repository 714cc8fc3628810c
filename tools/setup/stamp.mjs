import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Sums up files and facts, so that a change of any of them shows.
 *
 * @param {string} root
 * @param {readonly string[]} files Relative to `root`; a file that does not exist counts as such.
 * @param {readonly string[]} [facts] Whatever else the result of a step depends on.
 * @returns {Promise<string>}
 */
export async function digest(root, files, facts = []) {
  const hash = createHash("sha256");
  for (const fact of facts) {
    hash.update(`fact ${fact.length} ${fact}\n`);
  }
  for (const file of files.toSorted()) {
    const content = await readFile(join(root, file)).catch(() => undefined);
    hash.update(`file ${file.length} ${file} ${content?.length ?? "absent"}\n`);
    hash.update(content ?? "");
  }
  return hash.digest("hex");
}

/** Remembers the digest under which a step last succeeded. */
export class Stamp {
  /** @type {string} */
  #path;

  /**
   * @param {string} folder
   * @param {string} name
   */
  constructor(folder, name) {
    this.#path = join(folder, `${name}.stamp`);
  }

  /**
   * @param {string} expected
   * @returns {Promise<boolean>} Whether the step succeeded with this digest and nothing began since.
   */
  async matches(expected) {
    const found = await readFile(this.#path, "utf8").catch(() => "");
    return found === `${expected}\n`;
  }

  /** Forgets the last success. Called before a step changes anything, so that an interrupted one is repeated. */
  async clear() {
    await rm(this.#path, { force: true });
  }

  /**
   * Records a success. The file appears whole or not at all.
   *
   * @param {string} value
   */
  async set(value) {
    await mkdir(dirname(this.#path), { recursive: true });
    const fresh = `${this.#path}.${process.pid}`;
    await writeFile(fresh, `${value}\n`);
    await rename(fresh, this.#path);
  }
}
