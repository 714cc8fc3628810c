import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";

import { normalizeName } from "./requirement.ts";

/** A package as it is found in an environment. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Folder with its metadata. */
  readonly info: string;
  /** Folder that its files are named from. */
  readonly root: string;
}

/** A file of a package that is not as it was installed. */
export interface FileProblem {
  readonly package: string;
  readonly path: string;
  readonly reason: "missing" | "size" | "hash" | "unlisted" | "outside";
}

const AT_A_TIME = 16;
const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/** The packages in these folders, by name. */
export async function installedIn(roots: readonly string[]): Promise<readonly InstalledPackage[]> {
  const found = new Map<string, InstalledPackage>();
  for (const root of roots) {
    const names = await readdir(root).catch(() => []);
    for (const file of names.filter((name) => name.endsWith(".dist-info"))) {
      const each = await packageAt(root, file);
      if (each !== undefined && !found.has(each.name)) found.set(each.name, each);
    }
  }
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The metadata decides; a folder that lost it still says which package it was. */
async function packageAt(root: string, file: string): Promise<InstalledPackage | undefined> {
  const info = join(root, file);
  const text = await readFile(join(info, "METADATA"), "utf8").catch(() => "");
  const [, folderName, folderVersion] = /^(.+?)-([^-]+)\.dist-info$/u.exec(file) ?? [];
  const name = fieldOf(text, "Name") ?? folderName;
  const version = fieldOf(text, "Version") ?? folderVersion;
  if (name === undefined || version === undefined) return undefined;
  return { name: normalizeName(name), version, info, root };
}

/** What a package depends on, as its metadata says it. */
export async function requirementsOf({ info }: InstalledPackage): Promise<readonly string[]> {
  const text = await readFile(join(info, "METADATA"), "utf8").catch(() => "");
  return headOf(text).flatMap((line) => /^Requires-Dist:\s*(.+)$/iu.exec(line)?.[1]?.trim() ?? []);
}

function headOf(metadata: string): readonly string[] {
  const end = /\r?\n\r?\n/u.exec(metadata)?.index ?? metadata.length;
  return metadata.slice(0, end).split(/\r?\n/u);
}

function fieldOf(metadata: string, field: string): string | undefined {
  const line = headOf(metadata).find((each) => each.startsWith(`${field}:`));
  return line?.slice(field.length + 1).trim();
}

/**
 * Compares all files of a package with its RECORD: presence, size, hash.
 *
 * Compiled files are Python's own, and come and go.
 */
export async function problemsOf(
  { name, info, root }: InstalledPackage,
  prefix: string,
  signal?: AbortSignal,
): Promise<readonly FileProblem[]> {
  const record = join(info, "RECORD");
  const known = await stat(record).catch(() => undefined);
  if (known === undefined || known.size > MAX_RECORD_BYTES) {
    return [{ package: name, path: record, reason: known === undefined ? "missing" : "size" }];
  }
  const rows = parseRecord(await readFile(record, "utf8"));
  if (!rows.some(isMetadata)) {
    return [{ package: name, path: record, reason: "unlisted" }];
  }
  const problems: FileProblem[] = [];
  for (let at = 0; at < rows.length; at += AT_A_TIME) {
    signal?.throwIfAborted();
    const some = rows.slice(at, at + AT_A_TIME);
    const found = await Promise.all(some.map((row) => problemOf(row, root, prefix)));
    for (const [index, reason] of found.entries()) {
      const path = resolve(root, some[index]?.path ?? "");
      if (reason !== undefined) problems.push({ package: name, path, reason });
    }
  }
  return problems;
}

/** Whether a tool can tell which files belong to a package. */
export async function listsItsFiles({ info }: InstalledPackage): Promise<boolean> {
  const text = await readFile(join(info, "RECORD"), "utf8").catch(() => "");
  return parseRecord(text).some(isMetadata);
}

function isMetadata({ path }: RecordRow): boolean {
  return path.endsWith(".dist-info/METADATA");
}

interface RecordRow {
  readonly path: string;
  /** As it stands there: `sha256=...`, without padding. */
  readonly hash: string;
  readonly size: string;
}

/** Rows of comma-separated values, of which only the path may be quoted. */
function parseRecord(text: string): readonly RecordRow[] {
  const rows: RecordRow[] = [];
  for (const line of text.split(/\r?\n/u)) {
    const match = /^(?:"((?:[^"]|"")*)"|([^,]*)),([^,]*),([^,]*)$/u.exec(line);
    if (match === null) continue;
    const [, quoted, plain = "", hash = "", size = ""] = match;
    rows.push({ path: quoted?.replaceAll('""', '"') ?? plain, hash, size });
  }
  return rows;
}

async function problemOf(
  { path, hash, size }: RecordRow,
  root: string,
  prefix: string,
): Promise<FileProblem["reason"] | undefined> {
  const file = resolve(root, path);
  // A package may put scripts beside its Python, and nothing anywhere else.
  if (relative(prefix, file).split(sep)[0] === "..") return "outside";
  if (file.endsWith(".pyc")) return undefined;
  const found = await stat(file).catch(() => undefined);
  if (found === undefined || !found.isFile()) return "missing";
  if (size !== "" && found.size !== Number(size)) return "size";
  const [, kind, digest] = /^(sha256|sha384|sha512)=([A-Za-z0-9_-]+)=*$/u.exec(hash) ?? [];
  if (kind === undefined || digest === undefined) return undefined;
  return (await digestOf(file, kind)) === digest ? undefined : "hash";
}

async function digestOf(file: string, kind: string): Promise<string> {
  const hash = createHash(kind);
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("base64url");
}
