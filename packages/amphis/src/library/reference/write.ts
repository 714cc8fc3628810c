import { lstat, mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { AmphisError, isAmphisError } from "@amphis/protocol";

import type { LibraryModel } from "../model/index.ts";
import type { Example } from "./example.ts";
import { INDEX_FILE, SCRIPT_FILE, STYLE_FILE } from "./layout.ts";
import { readManifest, writeManifest } from "./manifest.ts";
import { libraryPage, type PageFile, placePage, projectPage } from "./pages.ts";
import { siteScript } from "./script.ts";
import { searchIndex, searchIndexText } from "./search-index.ts";
import { Site } from "./site.ts";
import { STYLE } from "./style.ts";

/** Where a reference site goes. */
export interface WriteReferenceOptions {
  /** Made where it is missing. */
  readonly folder: string;
  /** Told of each library whose pages are made. What it throws is thrown by {@link writeReference}. */
  readonly onProgress?: ((progress: ReferenceProgress) => void) | undefined;
}

export interface ReferenceProgress {
  readonly library: string;
  /** Pages that were made so far, of all libraries. */
  readonly pages: number;
  readonly total: number;
}

/** What {@link writeReference} wrote. */
export interface WrittenReference {
  readonly folder: string;
  /** Paths below the folder. */
  readonly files: readonly string[];
  readonly pages: number;
  readonly bytes: number;
  /** Pages of an earlier run that are gone. */
  readonly removed: readonly string[];
  /** Examples on these pages, by what the pages call them. */
  readonly examples: ReadonlyMap<string, Example>;
}

/** As `writeReference`. */
export async function write(
  models: readonly LibraryModel[],
  { folder, onProgress }: WriteReferenceOptions,
): Promise<WrittenReference> {
  const target = resolve(folder);
  let staging: string | undefined;
  try {
    await mkdir(target, { recursive: true });
    await removeAbandoned(target);
    staging = await mkdtemp(join(target, `${STAGING}${process.pid}-`));
    const made = await makeAside(staging, new Site(models), onProgress);
    const earlier = await readManifest(target);
    await expectFree(target, made.files, earlier);
    const removed = await replace(target, staging, made.files, earlier);
    return { folder: target, ...made, removed };
  } catch (error) {
    throw isDiskError(error) ? notWritten(target, error) : error;
  } finally {
    if (staging !== undefined) await rm(staging, { recursive: true, force: true });
  }
}

const STAGING = ".amphis-reference-";

/** What a process left behind that was killed. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = /^\.amphis-reference-(\d{1,9})-\w{6}$/u.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

type Made = Pick<WrittenReference, "files" | "pages" | "bytes" | "examples">;

async function makeAside(
  staging: string,
  site: Site,
  onProgress: WriteReferenceOptions["onProgress"],
): Promise<Made> {
  const files: string[] = [];
  const examples = new Map<string, Example>();
  let bytes = 0;
  const write = async ({ file, text }: PageFile): Promise<void> => {
    const content = Buffer.from(text);
    await writeFile(join(staging, file), content);
    files.push(file);
    bytes += content.length;
  };
  const all = site.libraries.map((library) => [library, [...site.places.of(library)]] as const);
  const total = all.reduce((sum, [, places]) => sum + places.length + 1, 1);
  let pages = 0;
  for (const [library, places] of all) {
    await mkdir(join(staging, dirname(site.places.indexOf(library))), { recursive: true });
    await write(libraryPage(site, library));
    for (const place of places) {
      await write(placePage(site, place));
      for (const example of site.examples(place)) examples.set(example.id, example);
    }
    pages += places.length + 1;
    onProgress?.({ library: library.name, pages, total });
  }
  await write({ file: STYLE_FILE, text: STYLE });
  await write({ file: SCRIPT_FILE, text: siteScript(false) });
  await write({ file: INDEX_FILE, text: searchIndexText(searchIndex(site)) });
  await write(projectPage(site));
  return { files, pages: total, bytes, examples };
}

/** Nothing is moved before it is certain that all of it may be. */
async function expectFree(
  folder: string,
  files: readonly string[],
  earlier: ReadonlySet<string>,
): Promise<void> {
  for (const name of new Set(files.map(dirname))) {
    const found = await lstat(join(folder, name)).catch(() => undefined);
    if (found !== undefined && !found.isDirectory()) throw taken(folder, name);
  }
  for (const file of files) {
    if (earlier.has(file)) continue;
    const found = await lstat(join(folder, file)).catch(() => undefined);
    if (found !== undefined) throw taken(folder, file);
  }
}

/** Moves everything into place. Whenever it is interrupted, the manifest has all files that are there. */
async function replace(
  folder: string,
  staging: string,
  files: readonly string[],
  earlier: ReadonlySet<string>,
): Promise<string[]> {
  await writeManifest(folder, new Set([...earlier, ...files]), staging);
  const folders = new Set(files.map(dirname));
  for (const name of folders) await mkdir(join(folder, name), { recursive: true });
  for (const file of files) await rename(join(staging, file), join(folder, file));
  const current = new Set(files);
  const removed = [...earlier].filter((file) => !current.has(file));
  const left = new Set<string>();
  for (const file of removed) {
    const parent = join(folder, dirname(file));
    // A link would lead to files of somebody else.
    const isOwn = (await lstat(parent).catch(() => undefined))?.isDirectory() === true;
    if (!isOwn) continue;
    await rm(join(folder, file), { force: true });
    if (dirname(file) !== ".") left.add(parent);
  }
  // What is not empty has files of somebody else.
  for (const each of left) await rmdir(each).catch(() => undefined);
  await writeManifest(folder, files, staging);
  return removed;
}

function taken(folder: string, file: string): AmphisError {
  return new AmphisError(
    "REFERENCE_FOLDER_TAKEN",
    `Cannot write reference to ${folder}: ${file} is there already, and was not written by Amphis; name another folder, or move it away`,
    { folder, file },
  );
}

function isDiskError(error: unknown): error is NodeJS.ErrnoException {
  return !isAmphisError(error) && error instanceof Error && "syscall" in error;
}

function notWritten(folder: string, cause: NodeJS.ErrnoException): AmphisError {
  return new AmphisError(
    "REFERENCE_NOT_WRITTEN",
    `Cannot write reference to ${folder}: ${cause.message}; check the disk, and that this user may write there`,
    { folder, reason: cause.message },
    { cause },
  );
}
