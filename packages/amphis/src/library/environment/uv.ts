import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { conflict, hashMismatch, offlineError, saidBy, toolFailed } from "./failure.ts";
import {
  formatPackages,
  type Installer,
  type InstallerContext,
  namedIn,
  pythonIn,
} from "./installer.ts";
import { minorOf } from "./interpreter.ts";
import { ANY_PLATFORM, type LockedPackage } from "./lock.ts";
import { parseRequirement } from "./requirement.ts";
import { runTool, type ToolEnd } from "./tool.ts";

const NO_NETWORK =
  /network was disabled|Network connectivity is disabled|error sending request|Request failed after|Failed to fetch|Could not connect/u;

/** Environments made by uv: one lock for all platforms. */
export class UvInstaller implements Installer {
  readonly name = "uv";
  readonly platform: string = ANY_PLATFORM;
  readonly version: string;
  readonly #path: string;
  readonly #context: InstallerContext;

  constructor(path: string, version: string, context: InstallerContext) {
    this.#path = path;
    this.version = version;
    this.#context = context;
  }

  async resolve(
    requirements: readonly string[],
    preferred: readonly LockedPackage[],
  ): Promise<readonly LockedPackage[]> {
    const { work, interpreter } = this.#context;
    const [input, output] = [join(work, "requirements.in"), join(work, "requirements.txt")];
    await writeFile(input, `${requirements.join("\n")}\n`);
    // uv keeps versions that stand in the file it writes to.
    await writeFile(output, formatPackages(preferred));
    const end = await this.#run([
      "pip",
      "compile",
      input,
      "--output-file",
      output,
      "--quiet",
      "--universal",
      "--generate-hashes",
      "--no-header",
      "--no-annotate",
      "--no-emit-index-url",
      "--no-emit-find-links",
      "--python",
      interpreter.executable,
      "--python-version",
      minorOf(interpreter.version),
      ...this.#sources(),
    ]);
    if (end.exitCode !== 0) throw this.#resolveFailed(end, requirements);
    return parsePackages(await readFile(output, "utf8"));
  }

  async make(prefix: string): Promise<void> {
    const { executable } = this.#context.interpreter;
    const end = await this.#run([
      "venv",
      prefix,
      "--python",
      executable,
      "--no-project",
      "--quiet",
    ]);
    if (end.exitCode !== 0) throw toolFailed(this.#context, "uv", end);
  }

  async install(
    prefix: string,
    packages: readonly LockedPackage[],
    { again = false }: { readonly again?: boolean } = {},
  ): Promise<void> {
    const list = join(this.#context.work, "packages.txt");
    await writeFile(list, formatPackages(packages));
    const end = await this.#run(
      [
        "pip",
        "install",
        "--python",
        pythonIn(prefix),
        "--no-deps",
        "--require-hashes",
        "--requirements",
        list,
        // A file that is shared with the cache of uv would take damage there, and to other environments.
        "--link-mode",
        "copy",
        ...(again ? ["--reinstall"] : []),
        ...this.#sources(),
      ],
      this.#tellOf(packages.length),
    );
    if (end.exitCode !== 0) throw this.#installFailed(end, packages);
  }

  #run(args: readonly string[], onLine?: (line: string) => void): Promise<ToolEnd> {
    const { env, cwd, signal } = this.#context;
    const common = ["--no-progress", "--color", "never", "--no-python-downloads"];
    return runTool(this.#path, [...args, ...common], { env, cwd, signal, onLine });
  }

  #sources(): readonly string[] {
    const { folders, useIndexes, builds, offline } = this.#context;
    return [
      ...folders.flatMap((folder) => ["--find-links", folder]),
      ...(useIndexes ? [] : ["--no-index"]),
      ...(builds ? [] : ["--no-build"]),
      ...(offline ? ["--offline"] : []),
    ];
  }

  #tellOf(total: number): (line: string) => void {
    const { onProgress } = this.#context;
    let index = 0;
    return (line) => {
      const [, loaded] = /^\s*Downloading (\S+)/u.exec(line) ?? [];
      const [, name] = /^ [+~] (\S+)/u.exec(line) ?? [];
      if (loaded !== undefined) onProgress({ kind: "downloading", package: loaded });
      if (name === undefined) return;
      index += 1;
      onProgress({ kind: "installing", package: name, index, total });
    };
  }

  #resolveFailed(end: ToolEnd, requirements: readonly string[]): Error {
    const said = saidBy(end);
    if (NO_NETWORK.test(said)) {
      const names = requirements.map((each) => ({ name: parseRequirement(each).package }));
      return offlineError(this.#context, orAll(namedIn(said, names), names), said);
    }
    // What uv ends with when it has understood everything and there is no solution.
    return end.exitCode === 1 && said !== ""
      ? conflict(this.#context, "uv", said)
      : toolFailed(this.#context, "uv", end);
  }

  #installFailed(end: ToolEnd, packages: readonly LockedPackage[]): Error {
    const said = saidBy(end);
    if (/Hash mismatch/u.test(said)) {
      return hashMismatch(this.#context, orAll(namedIn(said, packages), packages), said);
    }
    const { offline, useIndexes } = this.#context;
    if (NO_NETWORK.test(said) || ((offline || !useIndexes) && /was not found/u.test(said))) {
      return offlineError(this.#context, orAll(namedIn(said, packages), packages), said);
    }
    return toolFailed(this.#context, "uv", end);
  }
}

function orAll(
  named: readonly string[],
  all: readonly { readonly name: string; readonly version?: string }[],
): readonly string[] {
  return named.length > 0 ? named : all.map(({ name }) => name);
}

const PACKAGE = /^([A-Za-z0-9._-]+)==(\S+?)(?:\s*;\s*(.*?))?\s*$/u;

/** What uv writes: a package in a line, its hashes in those after it. */
function parsePackages(text: string): readonly LockedPackage[] {
  const lines = text
    .replaceAll(/\\\r?\n/gu, " ")
    .split(/\r?\n/u)
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
  const packages = lines.map((line) => {
    const [head = "", ...hashes] = line.split(/\s--hash=/u);
    const [, name, version, marker = ""] = PACKAGE.exec(head) ?? [];
    if (name === undefined || version === undefined) {
      throw new Error(`Cannot understand what uv resolved: ${line.slice(0, 200)}`);
    }
    return {
      name,
      version,
      marker,
      hashes: hashes
        .map((hash) => hash.trim())
        .filter(isSha256)
        .sort(),
    };
  });
  return packages.sort((one, other) =>
    `${one.name};${one.marker}` < `${other.name};${other.marker}` ? -1 : 1,
  );
}

function isSha256(hash: string): boolean {
  return hash.startsWith("sha256:");
}
