import { createHash } from "node:crypto";
import { realpathSync, statSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

import { type LibraryModel, MODEL_FORMAT, readLibrary } from "../model/index.ts";
import type { DiscoverSettings } from "./options.ts";

/** Another number means that discovery finds something else in the same library. */
const DISCOVERY = 4;
const NEWLINE = 10;
const MOST_HEADER_BYTES = 4 * 1024 * 1024;

/** What stands in the first line of a file: of what it is, and the state of all that it was made of. */
interface Header {
  readonly format: number;
  readonly discovery: number;
  readonly bytes: number;
  /** Path, time of change in ms, and size; -1 for what was not there. */
  readonly files: readonly (readonly [path: string, changedMs: number, size: number])[];
}

/**
 * Descriptions of libraries on disk: one file for each library and Python.
 *
 * A file is written aside and renamed, so that nobody ever reads half of one. One that is damaged, of another format, or older than what
 * it describes counts as missing.
 */
export class ModelCache {
  readonly #folder: string;
  readonly #python: string;
  readonly #path: readonly string[];

  constructor(folder: string | undefined, python: string, { env, path }: DiscoverSettings) {
    this.#folder = folder ?? defaultFolder(env);
    this.#python = python;
    this.#path = path;
  }

  /** What was found earlier and still holds. */
  async read(library: string): Promise<LibraryModel | undefined> {
    try {
      const file = await readFile(this.#file(library));
      const end = file.subarray(0, MOST_HEADER_BYTES).indexOf(NEWLINE);
      const header = JSON.parse(file.toString("utf8", 0, end)) as Header;
      const isCurrent =
        header.format === MODEL_FORMAT &&
        header.discovery === DISCOVERY &&
        header.bytes === file.length - end - 1 &&
        header.files.every(([path, ...state]) => isSame(stateOf(path), state));
      if (!isCurrent) return undefined;
      const model = readLibrary(JSON.parse(file.toString("latin1", end + 1)));
      return model.name === library ? model : undefined;
    } catch {
      // Missing, or whatever somebody else wrote: it is made anew.
      return undefined;
    }
  }

  /** Keeps what was found, where that is possible: a disk that is full costs time later and nothing else. */
  async write(
    library: string,
    packed: string,
    files: readonly string[],
    startedAt: number,
  ): Promise<void> {
    const states = files.map((path) => stateOf(path));
    // What changed meanwhile may have been read before or after.
    if (states.some(([changedMs]) => changedMs >= startedAt)) return;
    const header: Header = {
      format: MODEL_FORMAT,
      discovery: DISCOVERY,
      bytes: packed.length,
      files: files.map((path, at) => [path, ...(states[at] ?? GONE)]),
    };
    const file = this.#file(library);
    const aside = `${file}.${process.pid}.${Date.now().toString(36)}`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(aside, `${JSON.stringify(header)}\n${packed}`, { mode: 0o600, flag: "wx" });
      await rename(aside, file);
    } catch {
      await rm(aside, { force: true }).catch(() => undefined);
    }
  }

  #file(library: string): string {
    const hash = createHash("sha256");
    for (const part of [realpathSync(this.#python), this.#python, ...this.#path]) {
      hash.update(part).update("\0");
    }
    return join(this.#folder, `${library}-${hash.digest("hex").slice(0, 16)}.json`);
  }
}

type State = readonly [changedMs: number, size: number];
const GONE: State = [-1, -1];

function stateOf(path: string): State {
  // `?` says that it was not there, and that it matters when it is.
  const found = statSync(path.startsWith("?") ? path.slice(1) : path, { throwIfNoEntry: false });
  return found === undefined ? GONE : [found.mtimeMs, found.size];
}

function isSame(one: State, other: readonly number[]): boolean {
  return one[0] === other[0] && one[1] === other[1];
}

function defaultFolder(env: Readonly<Record<string, string | undefined>>): string {
  const given = env["XDG_CACHE_HOME"] ?? env["LOCALAPPDATA"] ?? "";
  const cache = given === "" ? join(env["HOME"] ?? homedir(), ".cache") : given;
  return join(cache, "amphis", "libraries");
}
