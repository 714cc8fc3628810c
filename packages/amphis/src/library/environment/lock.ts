import { createHash } from "node:crypto";
import { readFile, rename, stat, writeFile } from "node:fs/promises";

import { AmphisError } from "@amphis/protocol";

import type { HardwareIdentity } from "../../hardware/index.ts";
import { parseMarker } from "./marker.ts";
import { normalizeName } from "./requirement.ts";
import { parseVersion } from "./version.ts";

/** One package in exactly one version. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** When it is installed, as PEP 508 says it; empty for always. */
  readonly marker: string;
  /** Of each file that may be installed: `sha256:` and hexadecimal digits, sorted. */
  readonly hashes: readonly string[];
}

/** What was chosen for one environment. */
export interface LockedEnvironment {
  /** What was asked for. */
  readonly requirements: readonly string[];
  /** Of the requirements and of the version of Python that was asked for: tells when the lock is older than they are. */
  readonly requirementsHash: string;
  /** `3.12` */
  readonly python: string;
  /** `any`, or the only one that hashes are known for: `linux-x86_64`. */
  readonly platform: string;
  /** `uv 0.13.9` */
  readonly resolvedBy: string;
  /** Of the machine on which versions were chosen. */
  readonly hardware?: HardwareIdentity | undefined;
  readonly packages: readonly LockedPackage[];
}

/** All environments of a project by name. */
export type Lock = ReadonlyMap<string, LockedEnvironment>;

/** The file in the folder of a project, committed with it. */
export const LOCK_FILE = "amphis.lock";
/** Every platform. */
export const ANY_PLATFORM = "any";

const FORMAT = 1;
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_PACKAGES = 10_000;
const HASH = /^sha256:[0-9a-f]{64}$/u;
/** Also the name of a folder. */
export const ENVIRONMENT_NAME: RegExp = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/u;

/**
 * Reads the lock of a project; one that does not exist is empty.
 *
 * Each field is judged before anything is done with it: names, versions and conditions come to the command lines and input of tools.
 *
 * @throws {AmphisError} ENVIRONMENT_LOCK_INVALID with the place in it that is wrong
 */
export async function readLock(path: string): Promise<Lock> {
  let text: string;
  try {
    if ((await stat(path)).size > MAX_BYTES) throw invalid(path, `it is over ${MAX_BYTES} bytes`);
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw error;
  }
  return parseLock(text, path);
}

/** Writes it so that a reader sees the old one or the new one. */
export async function writeLock(path: string, lock: Lock): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, formatLock(lock));
  await rename(temporary, path);
}

/** The same lock is always the same text. */
function formatLock(lock: Lock): string {
  const names = [...lock.keys()].sort();
  const environments = Object.fromEntries(names.map((name) => [name, lock.get(name)]));
  return `${JSON.stringify({ format: FORMAT, environments }, undefined, 2)}\n`;
}

function parseLock(text: string, path: string): Lock {
  const fields = new Judge(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(path, (error as Error).message);
  }
  const { format, environments } = fields.record(value, "the file");
  if (format !== FORMAT) {
    throw invalid(
      path,
      `its format is ${JSON.stringify(format)}, and this version of Amphis knows ${FORMAT}`,
    );
  }
  const entries = Object.entries(fields.record(environments, "environments"));
  return new Map(
    entries.map(([name, entry]) => [
      nameOf(name, fields),
      environmentOf(entry, `environments.${name}`, fields),
    ]),
  );
}

function nameOf(name: string, fields: Judge): string {
  return fields.text(name, "the name of an environment", (text) => ENVIRONMENT_NAME.test(text));
}

function environmentOf(value: unknown, at: string, fields: Judge): LockedEnvironment {
  const entry = fields.record(value, at);
  const packages = fields
    .list(entry["packages"], `${at}.packages`, MAX_PACKAGES)
    .map((each, index) => packageOf(each, `${at}.packages[${index}]`, fields));
  refuseTwice(packages, at, fields);
  const text = (name: string, is: (text: string) => boolean): string =>
    fields.text(entry[name], `${at}.${name}`, is);
  return {
    requirements: fields
      .list(entry["requirements"], `${at}.requirements`, MAX_PACKAGES)
      .map((each, index) => fields.text(each, `${at}.requirements[${index}]`, isPrintable)),
    requirementsHash: text("requirementsHash", (hash) => HASH.test(hash)),
    python: text("python", (version) => /^3\.\d{1,3}$/u.test(version)),
    platform: text("platform", (name) => /^[a-z0-9._-]{1,64}$/u.test(name)),
    resolvedBy: text("resolvedBy", isPrintable),
    hardware: hardwareOf(entry["hardware"], `${at}.hardware`, fields),
    packages,
  };
}

function packageOf(value: unknown, at: string, fields: Judge): LockedPackage {
  const entry = fields.record(value, at);
  const text = (name: string, is: (text: string) => boolean): string =>
    fields.text(entry[name], `${at}.${name}`, is);
  const hashes = fields
    .list(entry["hashes"], `${at}.hashes`, MAX_PACKAGES)
    .map((hash, index) => fields.text(hash, `${at}.hashes[${index}]`, (each) => HASH.test(each)));
  if (hashes.length === 0) throw fields.wrong(`${at}.hashes`);
  return {
    name: text("name", isName),
    version: text(
      "version",
      (version) => /^[!-~]+$/u.test(version) && parseVersion(version) !== undefined,
    ),
    marker: text(
      "marker",
      (marker) => marker === "" || (isPrintable(marker) && parseMarker(marker) !== undefined),
    ),
    hashes,
  };
}

function hardwareOf(value: unknown, at: string, fields: Judge): HardwareIdentity | undefined {
  if (value === undefined) return undefined;
  const entry = fields.record(value, at);
  return {
    hash: fields.text(entry["hash"], `${at}.hash`, (hash) => HASH.test(hash)),
    facts: fields
      .list(entry["facts"], `${at}.facts`, 256)
      .map((fact, index) => fields.text(fact, `${at}.facts[${index}]`, isPrintable)),
  };
}

/** A package may have one version for some platforms and another for others, under conditions. */
function refuseTwice(packages: readonly LockedPackage[], at: string, fields: Judge): void {
  const seen = new Set<string>();
  for (const { name, marker } of packages) {
    const key = `${name};${marker}`;
    if (seen.has(key)) throw fields.wrong(`${at}.packages: ${name} stands there twice`);
    seen.add(key);
  }
}

function isName(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,126}[a-z0-9])?$/u.test(text) && normalizeName(text) === text;
}

function isPrintable(text: string): boolean {
  return text.length <= 4_096 && !/\p{Cc}/u.test(text);
}

class Judge {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  record(value: unknown, at: string): Readonly<Record<string, unknown>> {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.wrong(at);
    return value as Readonly<Record<string, unknown>>;
  }

  list(value: unknown, at: string, longest: number): readonly unknown[] {
    if (!Array.isArray(value) || value.length > longest) throw this.wrong(at);
    return value;
  }

  text(value: unknown, at: string, is: (text: string) => boolean): string {
    if (typeof value !== "string" || !is(value)) throw this.wrong(at);
    return value;
  }

  wrong(at: string): AmphisError<"ENVIRONMENT_LOCK_INVALID"> {
    return invalid(this.#path, `${at.slice(0, 200)} is not as it must be`);
  }
}

function invalid(path: string, reason: string): AmphisError<"ENVIRONMENT_LOCK_INVALID"> {
  const message = `Cannot read ${path}: ${reason}. Restore it from version control, or delete it to have versions chosen anew`;
  return new AmphisError("ENVIRONMENT_LOCK_INVALID", message, { path, reason });
}

export function hashRequirements(
  requirements: readonly string[],
  python: string | undefined,
): string {
  return sha256(`amphis requirements 1\n${python ?? ""}\n${requirements.join("\n")}\n`);
}

/** What an installed environment must be the same in: other machines, tools and wordings of requirements do not change it. */
export function identityOfLocked({ python, platform, packages }: LockedEnvironment): string {
  return sha256(JSON.stringify([python, platform, packages]));
}

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
